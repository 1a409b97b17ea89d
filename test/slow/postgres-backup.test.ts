import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { openStores } from '../../src/store/open-store.ts'
import { afterTest } from '../support/after-test.ts'
import { storesUnderTest, temporaryFolder } from '../support/stores.ts'

const run = promisify(execFile)
const [, postgres] = storesUnderTest()
const KEY = { secretKey: Buffer.alloc(32, 7) }

const script = (name: string) =>
  fileURLToPath(new URL(`../../deploy/${name}-postgres.sh`, import.meta.url))

/** The newest of PostgreSQL's programs here comes first. */
const PATH = ['18', '17', '16', '15']
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .filter((folder) => existsSync(join(folder, 'pg_dump')))
  .concat(process.env['PATH'] ?? '')
  .join(delimiter)

test('PostgreSQL: a backup under load has all that was acknowledged before it began, and goes into an empty database alone', async (t) => {
  const [from, to] = [(await postgres?.url(t)) ?? '', (await postgres?.url(t)) ?? '']
  const dumps = await run('pg_dump', ['--version'], { env: { PATH } }).catch(() => null)
  const client = new pg.Client({ connectionString: from })
  await client.connect()
  const { rows } = await client.query('SHOW server_version_num')
  await client.end()
  const server = Math.floor(Number(rows[0].server_version_num) / 10_000)
  if (!dumps || Number(/ (\d+)\./.exec(dumps.stdout)?.[1] ?? 0) < server) {
    t.skip(`no pg_dump of PostgreSQL ${server} here: apt-get install postgresql-client-${server}`)
    return
  }
  const file = join(temporaryFolder(t), 'obm.dump')
  const stores = await openStores(from, KEY)
  afterTest(t, () => stores.close())
  let acknowledged = 0
  let isOver = false
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let count = 1; !isOver; count += 1) {
      await stores.org.writeSetting(`${writer} ${count}`, 'x')
      acknowledged += 1
    }
  })
  while (acknowledged < 100) await new Promise((resolve) => setImmediate(resolve))

  const before = acknowledged
  await run(script('backup'), [file], { env: { PATH, OBM_STORE: from } })
  isOver = true
  await Promise.all(writers)
  await run(script('restore'), [file], { env: { PATH, OBM_STORE: to } })

  const restored = await openStores(to, KEY)
  afterTest(t, () => restored.close())
  const looker = new pg.Client({ connectionString: to })
  await looker.connect()
  const found = await looker.query('SELECT count(*)::int AS count FROM setting')
  await looker.end()
  assert.ok(found.rows[0].count >= before, `${found.rows[0].count} of ${before}`)
  await restored.org.writeSetting('last', 'goes on')
  await assert.rejects(run(script('restore'), [file], { env: { PATH, OBM_STORE: to } }), /tables/)
  await assert.rejects(run(script('backup'), [file], { env: { PATH, OBM_STORE: from } }), /already/)
})
