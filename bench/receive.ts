// How many outbound messages a second does the receiving route take in and keep before it acknowledges, by store
// and by notifications a message? The server is `obm serve --roles receiver` as it ships; 32 connections. Beside it a gSOAP
// server in C that commits to the same tables of an SQLite file, and node-soap's server, which keeps nothing.

import { writeBenchProject } from './support/bench-project.ts'
import { benchStores, temporaryFolder } from './support/bench-stores.ts'
import { startChild } from './support/child.ts'
import { printTable, ratio, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import { installPeers } from './support/install-peers.ts'
import type { LoadAnswer, LoadAsk } from './support/load-main.ts'
import { ADMIN, startObm } from './support/obm-process.ts'
import { cpuMs, residentMb } from './support/process-cost.ts'
import { interleave } from './support/rounds.ts'
import { type SoapServer, startGsoap, startNodeSoap } from './support/soap-servers.ts'

const CONNECTIONS = 32

type Variant = {
  readonly name: string
  readonly server: SoapServer
  /** Notifications a message. */
  readonly notifications: number
}

const GSOAP = 'gSOAP, SQLite'
const NODE_SOAP = 'node-soap, no store'

const form = readForm()
await using scope = new AsyncDisposableStack()
const load = startChild<LoadAsk, LoadAnswer>(scope, './load-main.ts')
const folder = temporaryFolder(scope)
writeBenchProject(folder, { username: ADMIN.username })
const variants: Variant[] = []
const measureIt = (name: string, server: SoapServer) =>
  variants.push(...[1, 100].map((notifications) => ({ name, server, notifications })))

for (const { name, url } of await benchStores(scope)) {
  measureIt(`OBM, ${name}`, await startObm(scope, { roles: 'receiver', storeUrl: url, folder }))
}
const gsoap = await startGsoap(scope)
if (typeof gsoap === 'string') console.log(`Without gSOAP: ${gsoap}\n`)
else measureIt(GSOAP, gsoap)
if (installPeers()) measureIt(NODE_SOAP, await startNodeSoap(scope))
else console.log('Without node-soap: it could not be installed.\n')

const measured = await interleave(form, variants, async ({ server, notifications }) => {
  const durationMs = form.pick(2000, 300)
  const { url, pid } = server
  const connections = CONNECTIONS
  const before = cpuMs(pid)
  const posted = await load.ask({ kind: 'messages', url, notifications, connections, durationMs })
  const cpu = ((cpuMs(pid) - before) / posted.count) * 1000
  return { ...posted, cpu, memory: residentMb(pid) }
})

const ratesOf = (name: string, notifications: number) =>
  measured
    .find(({ variant }) => variant.name === name && variant.notifications === notifications)
    ?.samples.map(({ rate }) => rate)

printTable(
  [
    'server',
    'a message',
    'messages/s',
    'notifications/s',
    '× gSOAP',
    '× node-soap',
    'p50 ms',
    'p99 ms',
    'CPU µs a message',
    'RSS MB',
  ],
  measured.map(({ variant: { name, notifications }, samples }) => {
    const rates = samples.map(({ rate }) => rate)
    const beside = (other: string) => {
      const rivals = ratesOf(other, notifications)
      return rivals ? ratio(rates, rivals) : '–'
    }
    return [
      name,
      String(notifications),
      spread(rates),
      spread(rates.map((rate) => rate * notifications)),
      beside(GSOAP),
      beside(NODE_SOAP),
      spread(samples.map(({ p50 }) => p50)),
      spread(samples.map(({ p99 }) => p99)),
      spread(samples.map(({ cpu }) => cpu)),
      spread(samples.map(({ memory }) => memory)),
    ]
  }),
)
