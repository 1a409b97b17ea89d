// Runs the tests named on the command line, or all of them, with Node's own runner.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { cpus } from 'node:os'

const named = process.argv.slice(2)
const files = named.length > 0 ? named : globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).sort()
const flags = ['--test', '--enable-source-maps', `--test-concurrency=${Math.max(2, cpus().length)}`]
const { status } = spawnSync(process.execPath, [...flags, '--test-timeout=120000', ...files], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
