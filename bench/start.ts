// How long does the second start of the example take until its ready line, and how much memory does it hold then?
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './support/bench-stores.ts'
import { printTable, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import { OBM } from './support/obm-process.ts'
import { residentMb } from './support/process-cost.ts'
import { interleave } from './support/rounds.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const EXAMPLE = 'examples/accounts-to-datacloud'

type Variant = { readonly command: string; readonly argv: readonly [string, ...string[]] }

const VARIANTS: readonly Variant[] = [
  { command: 'npm start', argv: ['npm', 'start', '--silent', '--'] },
  { command: 'node bin/obm dev', argv: [process.execPath, OBM, 'dev'] },
]

const form = readForm()
await using scope = new AsyncDisposableStack()
const options = ['--json', '--port', '0', '--data-dir', temporaryFolder(scope)]

/** Starts it, waits for its ready line, lets it rest, and ends it. */
async function start({ argv: [program, ...args] }: Variant, restMs: number) {
  const startedAt = performance.now()
  const child = spawn(program, [...args, EXAMPLE, ...options], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true, // a group of its own: npm is ended with what it started
  })
  const gone = once(child, 'close') // npm and what it started
  try {
    await untilReady(child)
    const readyMs = performance.now() - startedAt
    await sleep(restMs)
    return { readyMs, memory: residentMb(child.pid ?? 0) }
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    await gone
  }
}

async function untilReady({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) return
  for await (const line of createInterface({ input: stdout })) {
    if (line.includes('"event":"ready"')) return
  }
  throw new Error('it ended before it was ready')
}

// The first start makes the store; the records of the example are sent and run before it is ended.
await start(VARIANTS[1] as Variant, 3000)
const measured = await interleave(form, VARIANTS, (variant) => start(variant, form.pick(3000, 300)))

printTable(
  ['command', 'ready after ms', 'RSS MB at rest, with child processes'],
  measured.map(({ variant, samples }) => [
    variant.command,
    spread(samples.map(({ readyMs }) => readyMs)),
    spread(samples.map(({ memory }) => memory)),
  ]),
)
