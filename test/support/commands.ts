import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { JobRun } from '../../src/jobs/job-run.ts'
import {
  programOf as makeProgram,
  type Program,
  type ProgramLimits,
} from '../../src/jobs/kinds/command/program.ts'
import type { CommandJob } from '../../src/jobs/kinds/job-kind.ts'

/** A program with a message of that body on its input. */
export function programOf(
  command: readonly string[],
  { body = '', limits }: { body?: string; limits?: Partial<ProgramLimits> } = {},
): Program {
  const job: CommandJob = { ...COMMAND_JOB, command, ...limits }
  return makeProgram(job, { run: runOf(body), input: body, folder: tmpdir() })
}

/** A command with the limits that configs have by default. */
export const COMMAND_JOB: CommandJob = {
  kind: 'command',
  command: ['true'],
  workingFolder: null,
  timeoutMs: 20_000,
  input: 'xml',
  typed: false,
  memoryMbMax: 1024,
  outputMbMax: 100,
}

/** A run with a message of that body. */
export function runOf(body: string): JobRun {
  return {
    runId: 'r1',
    jobConfigId: 'copy-accounts',
    message: {
      name: 'msg1',
      body,
      properties: { OrganizationId: '00D', ObjectType: 'Account' },
    },
    submittedBy: 'obm',
    replayOf: null,
    queuedAt: 0,
    status: 'RUNNING',
    dueAt: 0,
    attemptCount: 1,
    startedAt: 0,
    finishedAt: null,
    returnCode: null,
    log: '',
    outMessage: null,
    failureReason: null,
    stoppedBy: null,
    recordKey: null,
    staleBehind: null,
    skipped: null,
    differingCopies: 0,
  }
}

/** A command that runs the script in Node. */
export const node = (script: string): readonly string[] => [process.execPath, '-e', script]

/** Waits for a file that a program writes. */
export async function written(path: string): Promise<string> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    try {
      const text = readFileSync(path, 'utf8')
      if (text.endsWith('\n')) return text.trim()
    } catch {
      // not yet
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`${path} was never written`)
}

/** Whether the process ends within some seconds. */
export async function gone(pid: number): Promise<boolean> {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; ) {
    try {
      process.kill(pid, 0)
      if (readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) return true
    } catch {
      return true
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return false
}
