import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './bench-stores.ts'

export const OBM = fileURLToPath(new URL('../../bin/obm', import.meta.url))

/** The first administrator of every bench's org. */
export const ADMIN = { username: 'admin@obm.example', password: 'correct horse battery' }

/** The key that benches seal their stores with, when they open one themselves. */
export const SECRET_KEY_HEX = '0123456789abcdef'.repeat(4)

/** A running `obm serve` as it ships, its log in a file. */
export type ObmProcess = {
  readonly pid: number
  /** Empty in a process without a server. */
  readonly url: string
  /** Reads what was logged since the last call, as lines of JSON. */
  newLogLines(): readonly Readonly<Record<string, unknown>>[]
}

type ServeAsk = {
  readonly roles: string
  readonly storeUrl: string
  /** A project folder, to be loaded. */
  readonly folder: string
}

const START_MAX_MS = 60_000

/** Starts `obm serve` and waits until it is ready; it ends with the bench. */
export async function startObm(
  scope: AsyncDisposableStack,
  { roles, storeUrl, folder }: ServeAsk,
): Promise<ObmProcess> {
  const own = temporaryFolder(scope)
  const logFile = join(own, 'obm.log')
  const keyFile = join(own, 'secret.key')
  writeFileSync(keyFile, SECRET_KEY_HEX, { mode: 0o600 })
  const profile = process.env['OBM_BENCH_PROFILE']
  const nodeArgs = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
  const child = spawn(process.execPath, [...nodeArgs, OBM, 'serve', folder, '--roles', roles], {
    stdio: ['ignore', 'ignore', openSync(logFile, 'a')],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      OBM_STORE: storeUrl,
      OBM_PORT: '0',
      OBM_SECRET_KEY_FILE: keyFile,
      OBM_ADMIN_USERNAME: ADMIN.username,
      OBM_ADMIN_PASSWORD: ADMIN.password,
      OBM_EGRESS_ALLOW: 'loopback',
    },
  })
  const gone = once(child, 'exit')
  scope.defer(async () => {
    child.kill('SIGTERM')
    await gone
  })
  let read = 0
  const newLogLines: ObmProcess['newLogLines'] = () => {
    const text = readFileSync(logFile).subarray(read)
    const whole = text.lastIndexOf(10) + 1
    read += whole
    const lines = text.subarray(0, whole).toString('utf8').split('\n')
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  }
  const deadline = Date.now() + START_MAX_MS
  while (Date.now() < deadline && child.exitCode === null) {
    const started = newLogLines().find((line) => line['event'] === 'house.started')
    if (started) return { pid: child.pid ?? 0, url: String(started['url'] ?? ''), newLogLines }
    await sleep(20)
  }
  throw new Error(`obm serve did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
}
