// Many seeds of the simulation, or one: `npm run test:simulation -- --seeds=5000`, `-- --seed=17 --without=kills`.
import { parseArgs } from 'node:util'
import type { Scenario } from './scenario.ts'
import { commandOf, readTroubles, shrink } from './shrink.ts'
import { type Report, simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    without: { type: 'string', default: '' },
  },
})
const without = readTroubles(values.without)

if (values.seed !== undefined) await runOne({ seed: Number(values.seed), without })
else await runMany(Number(values.from), Number(values.seeds))

/** One seed, with all that happened in it. */
async function runOne(scenario: Scenario): Promise<void> {
  const { trace, broken, ...counts } = await simulate(scenario)
  console.log(trace.join('\n'))
  console.log(counts)
  if (!broken) return
  console.log(`seed ${scenario.seed} breaks ${broken.promise}: ${broken.text}`)
  process.exitCode = 1
}

async function runMany(from: number, count: number): Promise<void> {
  const startedAt = performance.now()
  const reports: Report[] = []
  for (let seed = from; seed < from + count; seed += 1) {
    const report = await simulate({ seed, without })
    reports.push({ ...report, trace: [] })
    if (report.broken) await tell({ seed, without }, report.broken)
    if ((seed - from + 1) % 500 === 0) console.log(`${seed - from + 1} of ${count} seeds`)
  }
  const sum = (key: 'owed' | 'delivered' | 'expired' | 'posts' | 'repeated') =>
    reports.reduce((total, report) => total + report[key], 0)
  const broken = reports.filter((report) => report.broken).length
  console.log(
    `${count} seeds in ${Math.round((performance.now() - startedAt) / 1000)} s: ${broken} broken; ` +
      `${sum('posts')} POSTs, ${sum('owed')} notifications owed, ${sum('delivered')} delivered, ` +
      `${sum('expired')} expired, ${sum('repeated')} kept more than once; the healthy endpoint waited ` +
      `${Math.round(Math.max(...reports.map(({ slowestMs }) => slowestMs)) / 1000)} s at the most`,
  )
  if (broken > 0) process.exitCode = 1
}

async function tell(scenario: Scenario, broken: NonNullable<Report['broken']>): Promise<void> {
  console.log(`seed ${scenario.seed} breaks ${broken.promise}: ${broken.text}`)
  const least = await shrink(scenario, broken.promise)
  console.log(`  ${commandOf(least)}`)
}
