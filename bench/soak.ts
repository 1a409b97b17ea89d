// Do memory and tables stay flat under a load that lasts? Saves through REST fire a rule; its messages are sent to a
// listener that acknowledges; the retention runs. `npm run test:soak -- --minutes=30 --rate=500 --store=sqlite`.
// Without a rate it is a third of what a short run at full speed delivers. Ends with 1 when something grows.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { signIn } from '../test/support/rest-client.ts'
import { writeBenchProject } from './support/bench-project.ts'
import { benchStores, temporaryFolder } from './support/bench-stores.ts'
import { startChild } from './support/child.ts'
import { ADMIN, startObm } from './support/obm-process.ts'
import type { SinkAnswer, SinkAsk } from './support/sink-main.ts'
import { openGauges } from './support/soak-gauges.ts'
import { JUDGED_FROM_MINUTES, judge, printSoak, type Sample } from './support/soak-report.ts'
import { openSteadySaves } from './support/steady-saves.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
  },
})
const minutes = Number(values.minutes)
const durationMs = minutes * 60_000
/** What is done with is kept for a sixth of the run: after that the tables must be flat. */
const keptDays = minutes / 6 / 24 / 60
const sampleMs = Math.min(60_000, durationMs / 12)

await using scope = new AsyncDisposableStack()
const sink = startChild<SinkAsk, SinkAnswer>(scope, './sink-main.ts')
const { url: endpointUrl } = await sink.ask({ kind: 'open' })
const store = (await benchStores(scope)).find(
  ({ name }) => name.toLowerCase().startsWith(values.store) || values.store === name,
)
if (!store) throw new Error(`--store: expected sqlite or postgres, found ${values.store}`)
const folder = temporaryFolder(scope)
writeBenchProject(folder, { endpointUrl, username: ADMIN.username })
const configFile = join(folder, 'obm.config.json')
const config = JSON.parse(readFileSync(configFile, 'utf8')) as object
const retention = { attemptsDays: keptDays, tracesDays: keptDays }
writeFileSync(configFile, JSON.stringify({ ...config, retention }))

const obm = await startObm(scope, { roles: 'org,sender', storeUrl: store.url, folder })
const token = await signIn(obm.url, ADMIN)
const saves = await openSteadySaves({ url: obm.url, token, objectName: 'Fired__c' })
const gauges = await openGauges(scope, { storeUrl: store.url, pid: obm.pid })

const rate = values.rate === undefined ? (await fullRate()) / 3 : Number(values.rate)
console.log(`\n${store.name}, ${Math.round(rate)} notifications/s for ${minutes} minutes\n`)
const startedAt = performance.now()
const samples: Sample[] = []
const running = saves.run(rate, durationMs)
while (performance.now() - startedAt < durationMs) {
  await sleep(sampleMs)
  const minute = (performance.now() - startedAt) / 60_000
  samples.push({ minute, ...(await gauges.read()), saved: saves.savedCount() })
  obm.newLogLines() // read on, so that the log is not kept
}
await running
printSoak(samples)
const growing = judge(samples)
for (const each of growing) console.log(`- ${each}`)
if (growing.length > 0) process.exitCode = 1
else if (minutes < JUDGED_FROM_MINUTES)
  console.log('Too short a run to tell whether anything grows.')
else console.log('Nothing grows.')

/** Notifications a second that are saved and delivered while nothing holds the saves back. */
async function fullRate(): Promise<number> {
  const before = saves.savedCount()
  const from = performance.now()
  await saves.run(Number.POSITIVE_INFINITY, Math.min(15_000, durationMs / 4))
  while ((await gauges.read()).waiting > 0) await sleep(100)
  return ((saves.savedCount() - before) / (performance.now() - from)) * 1000
}
