import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { errorText } from '../../base/log.ts'
import type { JobConfig } from '../job-config.ts'
import type { JobRun } from '../job-run.ts'
import type { RunOutcome } from '../settle-run.ts'
import { openBoundedLog } from './bounded-log.ts'

/** Between asking a program to end and ending it. */
export const KILL_AFTER_MS = 2_000

/** How long what a program left behind may hold its output open after it ended. */
const OUTPUT_GRACE_MS = 1_000

/** The longest that a timer can wait; a longer one would end at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

/** What a program gets of our own environment: nothing that holds a secret. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']
const INHERITED_ON_WINDOWS = ['SystemRoot', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP', 'USERPROFILE']

type Child = ChildProcessByStdio<Writable, Readable, Readable>

type Ending =
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'not started'; readonly error: Error }

/**
 * Runs a program without a shell, in a process group of its own, with the DJMessage's body on its
 * standard input. At its time limit, or when `signal` aborts, the whole group is ended. Never throws.
 */
export async function runCommand(
  config: JobConfig,
  run: JobRun,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<RunOutcome> {
  const log = openBoundedLog()
  if (signal.aborted) return { kind: 'interrupted', log: '' }
  const child = start(config, run, folder)
  if (child instanceof Error) return notStarted(config, child, '')

  child.stdout.on('data', log.add)
  child.stderr.on('data', log.add)
  child.stdin.on('error', () => {}) // a program need not read its input
  child.stdin.end(run.message?.body ?? '')

  const limit = endInTime(child, config.job.timeoutMs, signal)
  const ending = await ended(child)
  limit.release()

  if (ending.kind === 'not started') return notStarted(config, ending.error, log.text())
  if (signal.aborted) return { kind: 'interrupted', log: log.text() }
  if (limit.wasReached()) {
    const reason = `ended at its time limit of ${config.job.timeoutMs} ms`
    return { kind: 'failed', returnCode: null, reason, log: log.text() }
  }
  if (ending.code === 0) return { kind: 'succeeded', returnCode: 0, log: log.text() }
  const reason =
    ending.code === null ? `ended by ${ending.signal}` : `ended with return code ${ending.code}`
  return { kind: 'failed', returnCode: ending.code, reason, log: log.text() }
}

/**
 * Refused arguments, a NUL among them, are thrown by `spawn` at once; the rest comes as an event.
 */
function start(config: JobConfig, run: JobRun, folder: string): Child | Error {
  const [program = '', ...args] = config.job.command
  try {
    return spawn(program, args, {
      cwd: config.job.workingFolder ?? folder,
      env: environmentOf(config, run),
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function notStarted(config: JobConfig, error: Error, log: string): RunOutcome {
  const program = JSON.stringify(config.job.command[0] ?? '')
  return { kind: 'errored', reason: `${program} could not be started: ${errorText(error)}`, log }
}

/**
 * Resolves when the program has ended and its output is read; what it left running is ended with
 * it.
 */
function ended(child: Child): Promise<Ending> {
  return new Promise((resolve) => {
    let ending: Ending = { kind: 'exited', code: null, signal: null }
    child.once('error', (error) => resolve({ kind: 'not started', error }))
    child.once('exit', (code, signal) => {
      ending = { kind: 'exited', code, signal }
      const grace = setTimeout(() => {
        killGroup(child, 'SIGKILL')
        child.stdout.destroy()
        child.stderr.destroy()
      }, OUTPUT_GRACE_MS)
      child.once('close', () => clearTimeout(grace))
    })
    child.once('close', () => resolve(ending))
  })
}

/**
 * Ends the group at its time limit or on `signal`: first asked, then, some seconds later, killed.
 */
function endInTime(child: Child, timeoutMs: number, signal: AbortSignal) {
  let wasReached = false
  let killTimer: NodeJS.Timeout | undefined
  const end = () => {
    killGroup(child, 'SIGTERM')
    killTimer ??= setTimeout(() => killGroup(child, 'SIGKILL'), KILL_AFTER_MS)
  }
  const limitTimer = setTimeout(
    () => {
      wasReached = true
      end()
    },
    Math.min(timeoutMs, TIMER_MAX_MS),
  )
  signal.addEventListener('abort', end, { once: true })

  const release = () => {
    clearTimeout(limitTimer)
    clearTimeout(killTimer)
    signal.removeEventListener('abort', end)
    // Some of the group may have closed their output and live on.
    if (killTimer) killGroup(child, 'SIGKILL')
  }
  return { release, wasReached: () => wasReached }
}

function killGroup(child: Child, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  if (process.platform === 'win32') {
    child.kill(signal)
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch {
    // ESRCH (EPERM on macOS): nobody of the group is left, which is what was wanted.
  }
}

function environmentOf(config: JobConfig, run: JobRun): NodeJS.ProcessEnv {
  const names = process.platform === 'win32' ? [...INHERITED, ...INHERITED_ON_WINDOWS] : INHERITED
  const properties = Object.entries(run.message?.properties ?? {})
  return Object.fromEntries([
    ...names.flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    ),
    ...properties.map(([name, value]) => [`OBM_PROPERTY_${variableName(name)}`, value]),
    ['OBM_RUN_ID', run.runId],
    ['OBM_JOB_CONFIG_ID', config.jobConfigId],
    ['OBM_MESSAGE_NAME', run.message?.name ?? ''],
  ])
}

/** `OrganizationId` becomes `ORGANIZATION_ID`. */
function variableName(property: string): string {
  return property
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
}
