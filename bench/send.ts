// How many notifications a second does a sender deliver to a local endpoint, claim and settlement on disk, by store
// and by notifications a message? The sender is `obm serve --roles sender` as it ships, the backlog is queued
// before it starts; one endpoint, so 16 messages at once.
import { writeBenchProject } from './support/bench-project.ts'
import { benchStores, temporaryFolder } from './support/bench-stores.ts'
import { startChild } from './support/child.ts'
import { percentile, printTable, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import { ADMIN, type ObmProcess, startObm } from './support/obm-process.ts'
import { type Backlog, openBacklog } from './support/open-backlog.ts'
import { cpuMs, residentMb } from './support/process-cost.ts'
import { interleave } from './support/rounds.ts'
import type { SinkAnswer, SinkAsk } from './support/sink-main.ts'

type Variant = {
  readonly store: string
  readonly sender: ObmProcess
  readonly backlog: Backlog
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
const variants: Variant[] = []
for (const { name: store, url } of await benchStores(scope)) {
  const sender = await startObm(scope, { roles: 'sender', storeUrl: url, folder })
  const backlog = await openBacklog(scope, { storeUrl: url, records: form.pick(2000, 200) })
  const shared = { store, sender, backlog }
  variants.push({ ...shared, batchLimit: 1, count: form.pick(1000, 100) })
  variants.push({ ...shared, batchLimit: 100, count: form.pick(20_000, 1000) })
}

const measured = await interleave(form, variants, async ({ sender, backlog, ...variant }) => {
  const { batchLimit, count } = variant
  sender.newLogLines()
  await backlog.queue(count, batchLimit)
  const before = cpuMs(sender.pid)
  const { elapsedMs, messages, notifications } = await sink.ask({ kind: 'count', upTo: count })
  const memory = residentMb(sender.pid)
  await backlog.settled()
  const cpu = ((cpuMs(sender.pid) - before) / count) * 1000
  if (notifications !== count || messages !== count / batchLimit) {
    throw new Error(`${notifications} notifications in ${messages} messages came for ${count}`)
  }
  const postsMs = sender
    .newLogLines()
    .filter(({ event }) => event === 'message.sent')
    .map(({ durationMs }) => Number(durationMs))
  const [p50, p99] = [percentile(postsMs, 0.5), percentile(postsMs, 0.99)]
  return { rate: (count / elapsedMs) * 1000, p50, p99, cpu, memory }
})

printTable(
  [
    'store',
    'a message',
    'notifications/s',
    'messages/s',
    'POST p50 ms',
    'POST p99 ms',
    'CPU µs a notification',
    'RSS MB',
  ],
  measured.map(({ variant: { store, batchLimit }, samples }) => [
    store,
    String(batchLimit),
    spread(samples.map(({ rate }) => rate)),
    spread(samples.map(({ rate }) => rate / batchLimit)),
    spread(samples.map(({ p50 }) => p50)),
    spread(samples.map(({ p99 }) => p99)),
    spread(samples.map(({ cpu }) => cpu)),
    spread(samples.map(({ memory }) => memory)),
  ]),
)
