import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../src/base/log.ts'
import { judgeHealth } from '../src/health/judge-health.ts'
import { openMetrics } from '../src/house/metrics/open-metrics.ts'
import { NOON } from './support/test-clock.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const textOf = (file: string) => readFileSync(`${root}${file}`, 'utf8')

/** What a scrape of a process shows, by the names that queries ask for. */
async function scrapedNames(): Promise<ReadonlySet<string>> {
  const facts = {
    lanes: [],
    deadLetterCount: 0,
    emailDueAt: null,
    timeEntryDueAt: null,
    runDueAt: null,
    processes: [],
  }
  const health = judgeHealth(facts, { now: NOON, lateAfterMs: 1000 })
  const { text } = await openMetrics(silentLog).text({ facts, now: NOON, health })
  const names = [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
  )
  return new Set(names)
}

test('every metric that the dashboard and the alarms ask for is told by a process', async () => {
  const names = await scrapedNames()
  const dashboard = JSON.parse(textOf('deploy/grafana-dashboard.json')) as {
    panels: { targets?: { expr: string }[] }[]
  }
  const asked = dashboard.panels.flatMap(({ targets }) => targets?.map(({ expr }) => expr) ?? [])
  const alarms = [...textOf('docs/operations.md').matchAll(/expr: (.*)/g)].map(
    ([, expr = '']) => expr,
  )
  assert.ok(asked.length > 15 && alarms.length > 8)
  const metrics = [...asked, ...alarms].flatMap(
    (expr) => expr.match(/\b(obm|process|nodejs)_\w+/g) ?? [],
  )

  assert.deepEqual(
    [...new Set(metrics)].filter((name) => !names.has(name)),
    [],
  )
})

test('the page on operations has every metric of ours, and no other', async () => {
  const page = textOf('docs/operations.md')
  const told = new Set(page.match(/\bobm_\w+/g)?.map((name) => name.replace(/_bucket$/, '')))
  const names = [...(await scrapedNames())]
    .filter((name) => name.startsWith('obm_'))
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''))

  assert.deepEqual(
    [...told].filter((name) => !names.includes(name) && /^obm_[a-z_]+$/.test(name)),
    [],
  )
  assert.deepEqual(
    names.filter((name) => !told.has(name)),
    [],
  )
})

test('what is deployed sets variables that there are', () => {
  const known = textOf('docs/configuration.md')
  for (const file of ['Dockerfile', 'compose.yaml', 'obm.service']) {
    const set = textOf(`deploy/${file}`).match(/\bOBM_[A-Z_]+(?=[=:]( |\S))/g) ?? []
    assert.ok(set.length > 1, file)
    for (const name of set) {
      // What compose itself fills in.
      if (name === 'OBM_DB_PASSWORD') continue
      assert.ok(known.includes(`\`${name}\``), `${file}: ${name}`)
    }
  }
})
