// Runs the tests named on the command line, or all of them, with Node's own runner and one PostgreSQL for all.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { cpus } from 'node:os'
import { startPostgres } from '../test/support/postgres-server.ts'

const named = process.argv.slice(2)
const files = named.length > 0 ? named : globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).sort()
const given = process.env.OBM_TEST_POSTGRES_URL
const server = given ? null : await startPostgres()
const url = given ?? server?.url

const runner = spawn(
  process.execPath,
  ['--test', `--test-concurrency=${Math.max(2, cpus().length)}`, '--test-timeout=120000', ...files],
  { stdio: 'inherit', env: { ...process.env, ...(url && { OBM_TEST_POSTGRES_URL: url }) } },
)
runner.once('exit', async (code) => {
  await server?.stop()
  process.exit(code ?? 1)
})
