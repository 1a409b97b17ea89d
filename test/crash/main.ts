// Kills the receiving walk at each of its steps: `npm run test:crash -- --each=50`, or `-- --kills 10000`, in which every second
// process dies at any moment under load. Prints a table; ends with 1 when something was lost or started twice.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '../support/postgres-server.ts'
import { type CrashReport, crash } from './crash.ts'
import { ANYWHERE, STEPS } from './steps.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string' }, each: { type: 'string', default: '50' } },
})
const isAnywhereToo = values.kills !== undefined
const STORES = 2
const places = STEPS.length + (isAnywhereToo ? 1 : 0)
const rounds = isAnywhereToo
  ? Math.ceil(Number(values.kills) / (STORES * places))
  : Number(values.each)
if (!(rounds > 0)) {
  console.error('expected --kills or --each with a number above 0')
  process.exit(2)
}

const startedAt = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'obm-crash-'))
const server = process.env['OBM_TEST_POSTGRES_URL'] ? null : await startPostgres()
const serverUrl = process.env['OBM_TEST_POSTGRES_URL'] ?? server?.url ?? null
if (serverUrl === null) throw new Error('no PostgreSQL server here: set OBM_TEST_POSTGRES_URL')

const onRound = (round: number) => {
  if (round % 50 === 0) console.log(`${round} of ${rounds}`)
}
const reports: (readonly [string, CrashReport])[] = []
try {
  for (const [name, url] of [
    ['SQLite', null],
    ['PostgreSQL', serverUrl],
  ] as const) {
    const its = mkdtempSync(join(folder, `${name}-`))
    reports.push([
      name,
      await crash({ folder: its, serverUrl: url, rounds, isAnywhereToo, onRound }),
    ])
  }
} finally {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
}

const columns = reports.map(([name]) => name)
const line = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)
line(['killed', ...columns])
line(['---', ...columns.map(() => '---')])
for (const { name, what } of [...STEPS, { name: ANYWHERE, what: 'at any moment, under load' }]) {
  if (name === ANYWHERE && !isAnywhereToo) continue
  line([`\`${name}\`: ${what}`, ...reports.map(([, { kills }]) => kills.get(name) ?? 0)])
}
const row = (title: string, cell: (report: CrashReport) => number) =>
  line([title, ...reports.map(([, report]) => cell(report))])
row('processes killed', ({ processes }) => processes)
row('notifications acknowledged', ({ acknowledged }) => acknowledged)
row('**lost**', ({ lost }) => lost.length)
row('**started twice by themselves**', ({ startedTwice }) => startedTwice.length)
row('physical repeats after a crash', ({ repeats }) => repeats)
console.log(`\nin ${Math.round((performance.now() - startedAt) / 1000)} s`)
for (const [name, { lost, startedTwice }] of reports) {
  if (lost.length + startedTwice.length === 0) continue
  console.error(name, { lost: lost.slice(0, 20), startedTwice: startedTwice.slice(0, 20) })
  process.exitCode = 1
}
