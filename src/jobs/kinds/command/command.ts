import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { errorText } from '../../../base/log.ts'
import type { RunOutcome } from '../../settle-run.ts'
import { openOutput } from '../output.ts'
import { openBoundedLog } from './bounded-log.ts'
import { openEnding } from './ending.ts'
import { type MemoryWatch, openMemoryWatch } from './memory-watch.ts'
import type { Program } from './program.ts'

/** How long what a program left behind may hold its output open after it ended. */
const OUTPUT_GRACE_MS = 1_000

const MB = 1024 * 1024

/** What a program gets of our own environment: nothing that holds a secret. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']
const INHERITED_ON_WINDOWS = ['SystemRoot', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP', 'USERPROFILE']

type Child = ChildProcessByStdio<Writable, Readable, Readable>

type Ending =
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'not started'; readonly error: Error }

/**
 * Runs a program without a shell, in a process group of its own. At a limit of time, memory or output, or when `signal`
 * aborts, the whole group is ended. What it writes to its standard output is its answer. Never throws.
 */
export async function runCommand(
  program: Program,
  signal: AbortSignal,
  memory: MemoryWatch = openMemoryWatch(),
): Promise<RunOutcome> {
  if (signal.aborted) return { kind: 'interrupted', log: '' }
  const log = openBoundedLog()
  const output = openOutput()
  const child = start(program)
  if (child instanceof Error) return notStarted(program, child, '')

  const { limits } = program
  const ending = openEnding(child)
  let outputBytes = 0
  const take = (chunk: Buffer) => {
    log.add(chunk)
    outputBytes += chunk.length
    if (outputBytes > limits.outputMbMax * MB) {
      ending.end(`wrote more than its limit of ${limits.outputMbMax} MB`)
    }
  }
  child.stdout.on('data', take)
  child.stdout.on('data', output.add)
  child.stderr.on('data', take)
  child.stdin.on('error', () => {}) // a program need not read its input
  child.stdin.end(program.input)

  ending.endAfter(limits.timeoutMs, `ended at its time limit of ${limits.timeoutMs} ms`)
  const stop = () => ending.end('interrupted')
  signal.addEventListener('abort', stop, { once: true })
  const unwatch = memory.watch(child.pid ?? 0, limits.memoryMbMax * MB, () =>
    ending.end(`held more memory than its limit of ${limits.memoryMbMax} MB`),
  )
  const end = await ended(child, ending.kill)
  unwatch()
  signal.removeEventListener('abort', stop)
  ending.release()

  if (end.kind === 'not started') return notStarted(program, end.error, log.text())
  if (signal.aborted) return { kind: 'interrupted', log: log.text() }
  const outcome = judge(end, ending.reason(), log.text())
  return outcome.kind === 'succeeded' ? { ...outcome, output: output.value() } : outcome
}

function judge(
  { code, signal }: Ending & { kind: 'exited' },
  limit: string | null,
  log: string,
): RunOutcome {
  if (limit !== null) return { kind: 'failed', returnCode: null, reason: limit, log }
  if (code === 0) return { kind: 'succeeded', returnCode: 0, log }
  const reason = code === null ? `ended by ${signal}` : `ended with return code ${code}`
  return { kind: 'failed', returnCode: code, reason, log }
}

/**
 * Refused arguments, a NUL among them, are thrown by `spawn` at once; the rest comes as an event.
 */
function start({ command, folder, variables }: Program): Child | Error {
  const [program = '', ...args] = command
  try {
    return spawn(program, args, {
      cwd: folder,
      env: { ...inherited(), ...variables },
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function notStarted({ command }: Program, error: Error, log: string): RunOutcome {
  const program = JSON.stringify(command[0] ?? '')
  return { kind: 'errored', reason: `${program} could not be started: ${errorText(error)}`, log }
}

/**
 * Resolves when the program has ended and its output is read; what it left running is ended with
 * it.
 */
function ended(child: Child, kill: () => void): Promise<Ending> {
  return new Promise((resolve) => {
    let ending: Ending = { kind: 'exited', code: null, signal: null }
    child.once('error', (error) => resolve({ kind: 'not started', error }))
    child.once('exit', (code, signal) => {
      ending = { kind: 'exited', code, signal }
      const grace = setTimeout(() => {
        kill()
        child.stdout.destroy()
        child.stderr.destroy()
      }, OUTPUT_GRACE_MS)
      child.once('close', () => clearTimeout(grace))
    })
    child.once('close', () => resolve(ending))
  })
}

function inherited(): NodeJS.ProcessEnv {
  const names = process.platform === 'win32' ? [...INHERITED, ...INHERITED_ON_WINDOWS] : INHERITED
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}
