// Runs the tests named on the command line, those that are slow (--slow) or all the others, with Node's own
// runner and one PostgreSQL for all.
import { spawn } from 'node:child_process'
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Before anything asks for the temporary folder: PostgreSQL's own goes there too.
const memory = memoryFolder()
if (memory) process.env.TMPDIR = memory
// Tests run in many processes and threads: without the cache each compiles every file again.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/obm-compiled', import.meta.url),
)
const { startPostgres } = await import('../test/support/postgres-server.ts')
const { makeStoreTemplates, onServer } = await import('../test/support/store-templates.ts')
const { groupTests } = await import('./test-groups.mjs')

const SLOW = 'test/slow/'
/** For a test that hangs, and for the files that share its process. */
const TIMEOUT_MS = 300_000
const isSlow = process.argv[2] === '--slow'
const named = process.argv.slice(isSlow ? 3 : 2)
const files = named.length > 0 ? named : allFiles(isSlow)
const given = process.env.OBM_TEST_POSTGRES_URL
const server = given ? null : await startPostgres()
const url = given ?? server?.url ?? null
const folder = mkdtempSync(join(tmpdir(), 'obm-templates-'))
const database = `obm_template_${process.pid}`
const templates = await makeStoreTemplates({ folder, postgresUrl: url, database })

const runner = spawn(
  process.execPath,
  [
    '--test',
    `--test-concurrency=${Math.max(2, cpus().length)}`,
    `--test-timeout=${TIMEOUT_MS}`,
    ...reportTo('stdout', 'spec'),
    ...reportTo('stderr', fileURLToPath(new URL('tell-skipped.mjs', import.meta.url))),
    ...(named.length > 0 || isSlow ? files : groupTests(files, folder)),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(url && { OBM_TEST_POSTGRES_URL: url }),
      OBM_TEST_TEMPLATES: JSON.stringify(templates),
    },
  },
)
runner.once('exit', async (code) => {
  if (given) await onServer(given, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
  if (memory) rmSync(memory, { recursive: true, force: true })
  if (named.length === 0 && !isSlow) {
    console.log(`\nNot run, as they are slow: npm run test:slow runs ${allFiles(true).join(', ')}`)
  }
  process.exit(code ?? 1)
})

function reportTo(destination, reporter) {
  return [`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`]
}

function allFiles(slow) {
  const all = globSync(['src/**/*.test.ts', 'test/**/*.test.ts']).map((each) =>
    each.replaceAll('\\', '/'),
  )
  return all.filter((each) => each.startsWith(SLOW) === slow).sort()
}

/**
 * A folder in memory for the stores of tests, where there is room and programs may run from it: tests kill
 * processes, not machines, so none of them needs to wait for a disk.
 */
function memoryFolder() {
  const BYTES_MIN = 4 * 1024 ** 3
  const root = '/dev/shm'
  try {
    const { bavail, bsize } = statfsSync(root)
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === root)
    if (!mount || mount.includes('noexec') || bavail * bsize < BYTES_MIN) return null
    const folder = mkdtempSync(join(root, 'obm-tests-'))
    chmodSync(folder, 0o755) // as root the tests run PostgreSQL as somebody else
    return folder
  } catch {
    return null
  }
}
