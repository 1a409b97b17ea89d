// How many outbound messages a second does the receiving route take in and keep before it acknowledges, by store
// and by notifications a message? The server is `obm serve --roles receiver` as it ships; 32 connections.

import { writeBenchProject } from './support/bench-project.ts'
import { benchStores, temporaryFolder } from './support/bench-stores.ts'
import { startChild } from './support/child.ts'
import { printTable, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import type { LoadAnswer, LoadAsk } from './support/load-main.ts'
import { ADMIN, type ObmProcess, startObm } from './support/obm-process.ts'
import { cpuMs, residentMb } from './support/process-cost.ts'
import { interleave } from './support/rounds.ts'

const CONNECTIONS = 32

type Variant = {
  readonly store: string
  readonly server: ObmProcess
  /** Notifications a message. */
  readonly notifications: number
}

const form = readForm()
await using scope = new AsyncDisposableStack()
const load = startChild<LoadAsk, LoadAnswer>(scope, './load-main.ts')
const folder = temporaryFolder(scope)
writeBenchProject(folder, { username: ADMIN.username })
const variants: Variant[] = []
for (const { name, url } of await benchStores(scope)) {
  const server = await startObm(scope, { roles: 'receiver', storeUrl: url, folder })
  variants.push(...[1, 100].map((notifications) => ({ store: name, server, notifications })))
}

const measured = await interleave(form, variants, async ({ server, notifications }) => {
  const durationMs = form.pick(2000, 300)
  const { url, pid } = server
  const connections = CONNECTIONS
  const before = cpuMs(pid)
  const posted = await load.ask({ kind: 'messages', url, notifications, connections, durationMs })
  const cpu = ((cpuMs(pid) - before) / posted.count) * 1000
  return { ...posted, cpu, memory: residentMb(pid) }
})

printTable(
  [
    'store',
    'a message',
    'messages/s',
    'notifications/s',
    'p50 ms',
    'p99 ms',
    'CPU µs a message',
    'RSS MB',
  ],
  measured.map(({ variant: { store, notifications }, samples }) => [
    store,
    String(notifications),
    spread(samples.map(({ rate }) => rate)),
    spread(samples.map(({ rate }) => rate * notifications)),
    spread(samples.map(({ p50 }) => p50)),
    spread(samples.map(({ p99 }) => p99)),
    spread(samples.map(({ cpu }) => cpu)),
    spread(samples.map(({ memory }) => memory)),
  ]),
)
