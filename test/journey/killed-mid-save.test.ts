import assert from 'node:assert/strict'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openStores, type Stores } from '../../src/store/open-store.ts'
import { accountsProject, configuredJob } from '../support/accounts-project.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { lapseLeases } from '../support/lapse-leases.ts'
import { exampleFolder } from '../support/open-test-house.ts'
import { REST, type RestClient } from '../support/rest-client.ts'
import { type Program, startDev, startServe } from '../support/start-program.ts'
import { storesUnderTest, temporaryFolder } from '../support/stores.ts'

const SAVES = 1000
const KILLED_AFTER = 400
const CLIENTS = 24

/** A job that costs nothing but a process. */
const TRUE = existsSync('/bin/true') ? '/bin/true' : '/usr/bin/true'

const [, postgres] = storesUnderTest()

test('SQLite: kill -9 of obm dev in the middle of 1,000 saves loses nothing and runs nothing twice', async (t) => {
  const folder = temporaryFolder(t)
  cpSync(exampleFolder('accounts-to-datacloud'), folder, {
    recursive: true,
    filter: (path) => !path.endsWith('.obm'),
  })
  const file = join(folder, 'obm.config.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  config.jobConfigs[0].command = [TRUE]
  config.data = []
  writeFileSync(file, JSON.stringify(config))
  const port = String(await freePort())

  const start = () => startDev(t, [folder, '--port', port, '--no-watch'])
  await surviveKill(t, { start, storeUrl: `sqlite:${join(folder, '.obm/obm.db')}` })
})

test('PostgreSQL: kill -9 of obm serve in the middle of 1,000 saves loses nothing and runs nothing twice', async (t) => {
  const storeUrl = (await postgres?.url(t)) ?? assert.fail()
  const port = String(await freePort())
  const endpointUrl = `http://127.0.0.1:${port}/v2/api/jobconfigs/accounts/sfdc/obm`
  const folder = await accountsProject(t, {
    messages: [{ endpointUrl }],
    config: { jobConfigs: [configuredJob([TRUE])], jobs: { programs: [TRUE] } },
  })

  await surviveKill(t, {
    start: () => startServe(t, [folder, '--port', port], { storeUrl }),
    storeUrl,
  })
})

async function surviveKill(
  t: TestContext,
  { start, storeUrl }: { readonly start: () => Promise<Program>; readonly storeUrl: string },
): Promise<void> {
  const saved = new Set<string>()
  const first = await start()
  await saveMany(first.client, saved, () => {
    if (saved.size === KILLED_AFTER) void first.kill('SIGKILL')
  })
  await first.kill('SIGKILL')
  assert.ok(saved.size >= KILLED_AFTER && saved.size < SAVES, `${saved.size} saves`)
  await lapseLeases(storeUrl) // as if 90 seconds had gone by: what the dead process held is free

  const second = await start()
  await saveMany(second.client, saved, () => {})
  assert.equal(saved.size, SAVES)
  const stores = await openStores(storeUrl, { secretKey: Buffer.alloc(32, 7) })
  t.after(() => stores.close())
  const accounts = await accountIds(second.client)
  const finished = () => stores.jobs.countRuns({ statuses: ['FINISHED'] })
  await eventually(
    'every run is finished',
    async () => (await finished()) >= accounts.length,
    60_000,
  )

  const runs = await readRuns(stores)
  assert.deepEqual(
    runs.map(({ status }) => status),
    runs.map(() => 'FINISHED'),
  )
  assert.equal(new Set(runs.map(({ notificationId }) => notificationId)).size, runs.length)
  // Also what was saved without an answer, because the process died before it.
  assert.deepEqual(runs.map(({ recordId }) => recordId).toSorted(), accounts)
  assert.deepEqual(
    [...saved].filter((id) => !accounts.includes(id)),
    [],
  )
  assert.deepEqual(await stores.outbox.list({ limit: 9 }), [])
}

/** Saves until there are `SAVES`, or nobody answers any more. */
async function saveMany(
  client: RestClient,
  saved: Set<string>,
  onSaved: () => void,
): Promise<void> {
  let asked = saved.size
  const saveInTurn = async () => {
    while (asked < SAVES) {
      asked += 1
      const fields = { Name: `Account ${asked}`, Type: 'Prospect' }
      const id = await client.createAccount(fields).catch(() => null)
      if (id === null) return
      saved.add(id)
      onSaved()
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, saveInTurn))
}

async function accountIds(client: RestClient): Promise<readonly string[]> {
  const soql = encodeURIComponent('SELECT Id FROM Account')
  const { json } = await client.call('GET', `${REST}/query?q=${soql}`)
  const { done, records } = json as { done: boolean; records: readonly { Id: string }[] }
  assert.equal(done, true)
  return records.map(({ Id }) => Id).toSorted()
}

async function readRuns({ jobs }: Stores) {
  const runs = await jobs.listRuns({ limit: 5000, offset: 0 })
  return Promise.all(
    runs.map(async ({ runId, status }) => {
      const { RecordId, NotificationId } = (await jobs.readRun(runId))?.message?.properties ?? {}
      return { status, recordId: RecordId, notificationId: NotificationId }
    }),
  )
}
