// How many notifications a second are delivered to a local endpoint, by sender and by notifications a message? OBM is
// `obm serve --roles sender` as it ships, claim, attempt log and settlement on disk; beside it a node-soap client that
// keeps nothing, and what people build on graphile-worker and pg-boss: one job a notification, one POST a job. The
// backlog is queued before the time is taken; one endpoint, 16 POSTs at once.
import { writeBenchProject } from './support/bench-project.ts'
import { benchStores, temporaryFolder } from './support/bench-stores.ts'
import { startChild } from './support/child.ts'
import { printTable, ratio, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import { installPeers } from './support/install-peers.ts'
import { ADMIN, startObm } from './support/obm-process.ts'
import { openBacklog } from './support/open-backlog.ts'
import { cpuMs, residentMb } from './support/process-cost.ts'
import { interleave } from './support/rounds.ts'
import { obmSending, peerSending, type Sending } from './support/sending.ts'
import type { SinkAnswer, SinkAsk } from './support/sink-main.ts'

type Variant = {
  readonly sending: Sending
  /** Notifications a message. */
  readonly batchLimit: number
  /** Notifications a round. */
  readonly count: number
}

const form = readForm()
await using scope = new AsyncDisposableStack()
const sink = startChild<SinkAsk, SinkAnswer>(scope, './sink-main.ts')
const { url: endpointUrl } = await sink.ask({ kind: 'open' })
const folder = temporaryFolder(scope)
writeBenchProject(folder, { username: ADMIN.username, endpointUrl })
const alone = { batchLimit: 1, count: form.pick(4000, 100) }
const together = { batchLimit: 100, count: form.pick(40_000, 1000) }
const variants: Variant[] = []
const stores = await benchStores(scope)
for (const { name, url } of stores) {
  const sender = await startObm(scope, { roles: 'sender', storeUrl: url, folder })
  const backlog = await openBacklog(scope, { storeUrl: url, records: form.pick(2000, 200) })
  const sending = obmSending(`OBM, ${name}`, sender, backlog)
  variants.push({ sending, ...alone }, { sending, ...together })
}
if (installPeers()) {
  const postgresUrl = stores.find(({ name }) => name === 'PostgreSQL')?.url ?? null
  const ask = { endpointUrl, postgresUrl }
  const soap = await peerSending(scope, 'node-soap', ask)
  variants.push({ sending: soap, ...alone }, { sending: soap, ...together })
  const bare = await peerSending(scope, 'undici', ask)
  variants.push({ sending: bare, ...alone }, { sending: bare, ...together })
  for (const name of postgresUrl ? ['graphile-worker', 'pg-boss'] : []) {
    variants.push({ sending: await peerSending(scope, name, ask), ...alone })
  }
} else console.log('The peers could not be installed: OBM is measured alone.\n')

const measured = await interleave(form, variants, async ({ sending, batchLimit, count }) => {
  await sending.queue(count, batchLimit)
  const before = cpuMs(sending.pid)
  const [{ elapsedMs, messages, notifications }] = await Promise.all([
    sink.ask({ kind: 'count', upTo: count }),
    sending.start(),
  ])
  const memory = residentMb(sending.pid)
  const posts = await sending.settled()
  const cpu = ((cpuMs(sending.pid) - before) / count) * 1000
  if (notifications !== count || messages !== count / batchLimit) {
    throw new Error(`${notifications} notifications in ${messages} messages came for ${count}`)
  }
  return { rate: (count / elapsedMs) * 1000, ...posts, cpu, memory }
})

const ratesOf = (name: string, batchLimit: number) =>
  measured
    .find(({ variant }) => variant.sending.name === name && variant.batchLimit === batchLimit)
    ?.samples.map(({ rate }) => rate) ?? []
const known = (values: readonly number[]) => (values.some(Number.isNaN) ? '–' : spread(values))

printTable(
  [
    'sender',
    'a message',
    'notifications/s',
    '× node-soap',
    'POST p50 ms',
    'POST p99 ms',
    'CPU µs a notification',
    'RSS MB',
  ],
  measured.map(({ variant: { sending, batchLimit }, samples }) => [
    sending.name,
    String(batchLimit),
    spread(samples.map(({ rate }) => rate)),
    ratio(
      samples.map(({ rate }) => rate),
      ratesOf('node-soap', batchLimit),
    ),
    known(samples.map(({ p50 }) => p50)),
    known(samples.map(({ p99 }) => p99)),
    spread(samples.map(({ cpu }) => cpu)),
    spread(samples.map(({ memory }) => memory)),
  ]),
)
