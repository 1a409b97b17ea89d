import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ADMIN } from './accounts-project.ts'
import { afterTest } from './after-test.ts'
import { openRestClient, type RestClient, signIn } from './rest-client.ts'
import { temporaryFolder } from './stores.ts'

const OBM = fileURLToPath(new URL('../../bin/obm', import.meta.url))

/** A line of JSON that the program printed: its log, or that it is ready. */
export type ProgramLine = { readonly event: string } & Readonly<Record<string, unknown>>

/** The program as a process of its own. */
export type Program = {
  /** Empty in a process without a server. */
  readonly url: string
  readonly lines: readonly ProgramLine[]
  /** Called with each line to come. */
  onLine(listen: (line: ProgramLine) => void): void
  /** What it said when it was ready. */
  readonly ready: ProgramLine
  readonly client: RestClient
  /** Resolves when the process is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Makes it stand still, or go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
}

type StartAsk = {
  readonly env?: NodeJS.ProcessEnv
  /** The program to run; the repository's own by default. */
  readonly program?: string
  readonly folder?: string
}

/** `obm dev`: everything in one process. Waits until it is ready. */
export async function startDev(
  t: TestContext,
  args: readonly string[],
  ask: StartAsk = {},
): Promise<Program> {
  const started = await start(t, ['dev', ...args, '--json'], ask)
  const { url, accessToken } = started.ready as ProgramLine & { url: string; accessToken: string }
  return { ...started, url, client: openRestClient(url, accessToken) }
}

/** `obm serve` on a store, with loopback as allowed as it has to be for tests. */
export async function startServe(
  t: TestContext,
  args: readonly string[],
  { storeUrl, env }: { readonly storeUrl: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Program> {
  const started = await start(t, ['serve', ...args], {
    env: { OBM_STORE: storeUrl, ...serveEnvironment(t), ...env },
  })
  const url = typeof started.ready['url'] === 'string' ? started.ready['url'] : ''
  const hasOrg = String(started.ready['roles']).split(',').includes('org')
  const token = hasOrg ? await signIn(url, ADMIN) : ''
  return { ...started, url, client: openRestClient(url, token) }
}

function serveEnvironment(t: TestContext): NodeJS.ProcessEnv {
  const keyFile = join(temporaryFolder(t), 'secret.key')
  writeFileSync(keyFile, '0123456789abcdef'.repeat(4), { mode: 0o600 })
  return {
    OBM_PORT: '0',
    OBM_SECRET_KEY_FILE: keyFile,
    OBM_ADMIN_USERNAME: ADMIN.username,
    OBM_ADMIN_PASSWORD: ADMIN.password,
    OBM_EGRESS_ALLOW: 'loopback',
  }
}

const READY = new Set(['ready', 'house.started'])

async function start(t: TestContext, args: readonly string[], ask: StartAsk) {
  const child = spawn(process.execPath, [ask.program ?? OBM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...ask.env },
    ...(ask.folder !== undefined && { cwd: ask.folder }),
  })
  const gone = once(child, 'exit')
  const kill: Program['kill'] = async (signal) => {
    child.kill(signal)
    await gone
  }
  afterTest(t, () => kill('SIGKILL'))

  const lines: ProgramLine[] = []
  const listeners: ((line: ProgramLine) => void)[] = []
  const said: string[] = []
  const ready = new Promise<ProgramLine>((resolve, reject) => {
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (text) => {
        said.push(text)
        if (!text.startsWith('{')) return
        const line = JSON.parse(text) as ProgramLine
        lines.push(line)
        for (const listen of listeners) listen(line)
        if (READY.has(line.event)) resolve(line)
      })
    }
    gone.then(
      () => reject(new Error(`obm ${args.join(' ')} ended:\n${said.slice(-20).join('\n')}`)),
      reject,
    )
  })
  return {
    lines,
    onLine: (listen: (line: ProgramLine) => void) => void listeners.push(listen),
    kill,
    signal: (signal: 'SIGSTOP' | 'SIGCONT') => void child.kill(signal),
    ready: await ready,
  }
}
