import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandOf, shrink } from './shrink.ts'
import { type Report, simulate } from './simulate.ts'

/** Few, as this is run often; among them one in whose days lifetimes end. `npm run test:simulation` runs many. */
const SEEDS = [...Array.from({ length: 25 }, (_, index) => index + 1), 98]

test('the promises of sending hold whatever goes wrong, and whenever: many seeds', async () => {
  const reports: Report[] = []
  for (const seed of SEEDS) {
    const scenario = { seed, without: new Set<never>() }
    const report = await simulate(scenario)
    reports.push(report)
    if (report.broken) {
      const { promise, text } = report.broken
      assert.fail(`${promise}: ${text}; ${commandOf(await shrink(scenario, promise))}`)
    }
  }

  // That there was something to hold: of each kind of thing some came about.
  const sum = (key: 'owed' | 'delivered' | 'expired' | 'posts' | 'repeated') =>
    reports.reduce((total, report) => total + report[key], 0)
  for (const key of ['owed', 'delivered', 'expired', 'posts', 'repeated'] as const) {
    assert.ok(sum(key) > 0, `${key}: none in ${SEEDS.length} seeds`)
  }
})

test('a seed runs the same each time', async () => {
  const scenario = { seed: 7, without: new Set<never>() }

  assert.deepEqual(await simulate(scenario), await simulate(scenario))
})
