// What do 20 active rules on an object cost a save through REST, singly and in collections, by store? The server
// is `obm serve --roles org` as it ships; 16 connections for single saves, 4 for collections of 200.
import { signIn } from '../test/support/rest-client.ts'
import { type BenchObject, OBJECTS, writeBenchProject } from './support/bench-project.ts'
import { benchStores, temporaryFolder } from './support/bench-stores.ts'
import { startChild } from './support/child.ts'
import { printTable, ratio, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import type { LoadAnswer, LoadAsk } from './support/load-main.ts'
import { ADMIN, type ObmProcess, startObm } from './support/obm-process.ts'
import { cpuMs, residentMb } from './support/process-cost.ts'
import { interleave } from './support/rounds.ts'

type Variant = {
  readonly store: string
  readonly server: ObmProcess
  readonly token: string
  readonly objectName: BenchObject
  /** Records a request. */
  readonly records: number
}

const RULES: Readonly<Record<BenchObject, string>> = {
  Plain__c: 'none',
  Ruled__c: '20, none fires',
  Fired__c: '20, one fires',
}

const form = readForm()
await using scope = new AsyncDisposableStack()
const load = startChild<LoadAsk, LoadAnswer>(scope, './load-main.ts')
const folder = temporaryFolder(scope)
writeBenchProject(folder, { username: ADMIN.username })
const variants: Variant[] = []
for (const { name: store, url } of await benchStores(scope)) {
  const server = await startObm(scope, { roles: 'org', storeUrl: url, folder })
  const token = await signIn(server.url, ADMIN)
  for (const records of [1, 200]) {
    variants.push(...OBJECTS.map((objectName) => ({ store, server, token, objectName, records })))
  }
}

const measured = await interleave(form, variants, async ({ server, ...variant }) => {
  const { objectName, records, token } = variant
  const connections = records === 1 ? 16 : 4
  const durationMs = form.pick(2000, 300)
  const { url, pid } = server
  const what = { kind: 'records', objectName, records, token } as const
  const before = cpuMs(pid)
  const posted = await load.ask({ ...what, url, connections, durationMs })
  const cpu = ((cpuMs(pid) - before) / posted.count / records) * 1000
  return { ...posted, cpu, memory: residentMb(pid) }
})

const ratesOf = (like: Variant, objectName: BenchObject) =>
  measured
    .filter(({ variant: { store, records } }) => store === like.store && records === like.records)
    .find(({ variant }) => variant.objectName === objectName)
    ?.samples.map(({ rate }) => rate) ?? []

printTable(
  [
    'store',
    'a request',
    'rules',
    'records/s',
    '× the time without',
    'p50 ms',
    'p99 ms',
    'CPU µs a record',
    'RSS MB',
  ],
  measured.map(({ variant, samples }) => [
    variant.store,
    String(variant.records),
    RULES[variant.objectName],
    spread(samples.map(({ rate }) => rate * variant.records)),
    ratio(ratesOf(variant, 'Plain__c'), ratesOf(variant, variant.objectName)),
    spread(samples.map(({ p50 }) => p50)),
    spread(samples.map(({ p99 }) => p99)),
    spread(samples.map(({ cpu }) => cpu)),
    spread(samples.map(({ memory }) => memory)),
  ]),
)
