import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { outboundMessage } from '../support/outbound-message.ts'
import type { Lane } from './lanes.ts'

const PROGRAM = fileURLToPath(new URL('receiving-process.ts', import.meta.url))
const HOLDS = {
  sqlite: new URL('hold-sqlite.ts', import.meta.url).href,
  postgres: new URL('hold-postgres.ts', import.meta.url).href,
}

/** A receiving process: it is sent messages, and killed. */
export type Victim = {
  /** From now on it stops at the steps. */
  arm(): void
  /** Resolves once it stands at all of them. */
  standsAt(steps: readonly string[], withinMs: number): Promise<void>
  /** Whether the message was acknowledged; false: there was no answer. Throws when it was refused. */
  post(jobConfigId: string, notifications: readonly number[]): Promise<boolean>
  kill(): Promise<void>
  /** As an operator stops it; answers the exit code. */
  stop(): Promise<number | null>
}

/** Starts the process on the lanes' stores and waits until it takes messages in. */
export async function startVictim(ask: {
  readonly lanes: readonly Lane[]
  readonly journal: string
  readonly round: number
}): Promise<Victim> {
  const armed = `${ask.journal}.armed`
  rmSync(armed, { force: true })
  const urls = ask.lanes.map((lane) => lane.url)
  const holds = urls[0]?.startsWith('sqlite:') ? HOLDS.sqlite : HOLDS.postgres
  const child = spawn(
    process.execPath,
    ['--import', holds, PROGRAM, ask.journal, String(ask.round), ...urls],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, OBM_CRASH_ARMED: armed } },
  )
  const gone = once(child, 'exit')
  const reached = new Set<string>()
  let look = () => {}
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [word, what = ''] = line.split(' ')
      if (word === 'ready') resolve(what)
      if (word === 'reached') reached.add(what)
      look()
    })
    gone.then(() => reject(new Error('the receiving process ended before it was ready')), reject)
  })
  const url = await ready
  return {
    arm: () => writeFileSync(armed, ''),
    standsAt: (steps, withinMs) =>
      new Promise((resolve, reject) => {
        const missing = () => steps.filter((step) => !reached.has(step))
        const timer = setTimeout(
          () => reject(new Error(`nobody came by ${missing().join(', ')} in ${withinMs} ms`)),
          withinMs,
        )
        look = () => {
          if (missing().length > 0) return
          clearTimeout(timer)
          resolve()
        }
        look()
      }),
    post: (jobConfigId, notifications) =>
      post(`${url}/v2/api/jobconfigs/${jobConfigId}/sfdc/obm`, outboundMessage({ notifications })),
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
    stop: async () => {
      child.kill('SIGTERM')
      const [code] = await gone
      return code as number | null
    },
  }
}

function post(url: string, body: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', agent: false, headers }, (reply) => {
      const parts: Buffer[] = []
      reply.on('data', (part: Buffer) => parts.push(part))
      reply.on('error', () => resolve(false))
      reply.on('end', () => {
        const text = Buffer.concat(parts).toString()
        if (reply.statusCode === 200 && text.includes('<Ack>true</Ack>')) resolve(true)
        else reject(new Error(`refused: ${reply.statusCode} ${text}`))
      })
    })
    sent.on('error', () => resolve(false))
    sent.end(body)
  })
}
