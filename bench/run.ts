// Runs the benches one after the other: `npm run bench`, `npm run bench -- --quick`, `npm run bench -- NAME…`.
import { spawnSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '../test/support/postgres-server.ts'

const BENCHES = ['rules', 'receive', 'send', 'dead-endpoint', 'save', 'time', 'start']

const args = process.argv.slice(2)
const options = args.filter((each) => each.startsWith('--'))
const names = args.filter((each) => !each.startsWith('--'))
const unknown = names.find((name) => !BENCHES.includes(name))
if (unknown !== undefined) {
  console.error(`${unknown} is no bench: expected some of ${BENCHES.join(', ')}`)
  process.exit(2)
}

// One server for all of them; each makes a database of its own in it.
const given = process.env['OBM_TEST_POSTGRES_URL']
const postgres = given ? null : await startPostgres({ durable: true })
const url = given ?? postgres?.url
const env = { ...process.env, ...(url && { OBM_TEST_POSTGRES_URL: url }) }
try {
  for (const name of names.length > 0 ? names : BENCHES) runBench(name)
} finally {
  await postgres?.stop()
}

function runBench(name: string): void {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url))
  console.log(`\n## ${name} (load before: ${loadavg()[0]?.toFixed(1)})\n`)
  const { status } = spawnSync(process.execPath, [file, ...options], { stdio: 'inherit', env })
  if (status !== 0) process.exitCode = 1
}
