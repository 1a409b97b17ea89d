// Do 100 healthy endpoints keep their rate and their latency while a dead one holds 1,000,000 due notifications, and
// what memory does the sender need for them? Two senders on each store, `obm serve --roles sender` as it ships, alike but
// for the million; a round queues the same for the healthy endpoints of the one and then of the other. The dead endpoint
// takes connections and never answers.
import { benchStores, freshStores, temporaryFolder } from './support/bench-stores.ts'
import { startChild } from './support/child.ts'
import { percentile, printTable, ratio, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import { type LanesBacklog, openLanesBacklog, writeLanesProject } from './support/many-lanes.ts'
import { type ObmProcess, startObm } from './support/obm-process.ts'
import { cpuMs, residentMb } from './support/process-cost.ts'
import { interleave } from './support/rounds.ts'
import type { SinkAnswer, SinkAsk } from './support/sink-main.ts'

const HEALTHY = 100

type Variant = {
  readonly store: string
  readonly sender: ObmProcess
  readonly backlog: LanesBacklog
  readonly deadCount: number
}

const form = readForm()
const deadCount = form.pick(1_000_000, 20_000)
const count = HEALTHY * form.pick(300, 20)
await using scope = new AsyncDisposableStack()
const sink = startChild<SinkAsk, SinkAnswer>(scope, './sink-main.ts')
const { url: sinkUrl } = await sink.ask({ kind: 'open' })
const folder = temporaryFolder(scope)
writeLanesProject(folder, HEALTHY, sinkUrl)

async function openVariant(store: string, url: string, dead: number): Promise<Variant> {
  const sender = await startObm(scope, { roles: 'sender', storeUrl: url, folder })
  const backlog = await openLanesBacklog(scope, url)
  if (dead > 0) {
    const startedAt = performance.now()
    await backlog.queue(dead, 'dead')
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${store}: ${dead.toLocaleString('en-US')} queued in ${seconds} s\n`)
  }
  return { store, sender, backlog, deadCount: dead }
}

const variants: Variant[] = []
const without = await benchStores(scope)
const withDead = await freshStores(scope, without)
for (const [index, { name, url }] of without.entries()) {
  variants.push(await openVariant(name, url, 0))
  variants.push(await openVariant(name, withDead[index]?.url ?? '', deadCount))
}

const measured = await interleave(form, variants, async ({ sender, backlog }) => {
  sender.newLogLines()
  const before = cpuMs(sender.pid)
  const [{ elapsedMs, notifications }] = await Promise.all([
    sink.ask({ kind: 'count', upTo: count }),
    backlog.queue(count, 'healthy'),
  ])
  await backlog.settled()
  const cpu = ((cpuMs(sender.pid) - before) / count) * 1000
  if (notifications !== count) throw new Error(`${notifications} notifications came for ${count}`)
  const waitsMs = sender
    .newLogLines()
    .filter(({ event }) => event === 'message.sent')
    .map(({ queueAgeMs, durationMs }) => Number(queueAgeMs) + Number(durationMs))
  const p99 = percentile(waitsMs, 0.99)
  return { rate: (count / elapsedMs) * 1000, p99, cpu, memory: residentMb(sender.pid) }
})

printTable(
  [
    'store',
    'due at the dead endpoint',
    'notifications/s to the healthy',
    '× the rate without',
    'queued to answered p99 ms',
    '× the p99 without',
    'CPU µs a notification',
    'RSS MB',
  ],
  measured.map(({ variant, samples }) => {
    const alone = measured.find(
      (each) => each.variant.store === variant.store && each.variant.deadCount === 0,
    )
    const of = (name: 'rate' | 'p99' | 'cpu' | 'memory', from = samples) =>
      from.map((sample) => sample[name])
    return [
      variant.store,
      variant.deadCount.toLocaleString('en-US'),
      spread(of('rate')),
      ratio(of('rate'), of('rate', alone?.samples)),
      spread(of('p99')),
      ratio(of('p99'), of('p99', alone?.samples)),
      spread(of('cpu')),
      spread(of('memory')),
    ]
  }),
)
