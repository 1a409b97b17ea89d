import assert from 'node:assert/strict'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openStores, type Stores } from '../../src/store/open-store.ts'
import { accountsProject, configuredJob } from '../support/accounts-project.ts'
import { afterTest } from '../support/after-test.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { lapseLeases } from '../support/lapse-leases.ts'
import { exampleFolder } from '../support/open-test-house.ts'
import { REST, type RestClient } from '../support/rest-client.ts'
import { type Program, startDev, startServe } from '../support/start-program.ts'
import { storesUnderTest, temporaryFolder } from '../support/stores.ts'

const SAVES = 1000
/** The moments: between commit and answer, and between a receiver's commit and its sender's. */
const KILLED_AFTER = [
  ['record.saved', 300],
  ['inbox.accepted', 300],
] as const
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
  await surviveKills(t, { start, storeUrl: `sqlite:${join(folder, '.obm/obm.db')}` })
})

test('PostgreSQL: kill -9 of obm serve in the middle of 1,000 saves loses nothing and runs nothing twice', async (t) => {
  const storeUrl = (await postgres?.url(t)) ?? assert.fail()
  const port = String(await freePort())
  const endpointUrl = `http://127.0.0.1:${port}/v2/api/jobconfigs/accounts/sfdc/obm`
  const folder = await accountsProject(t, {
    messages: [{ endpointUrl }],
    config: { jobConfigs: [configuredJob([TRUE])], jobs: { programs: [TRUE] } },
  })

  await surviveKills(t, {
    start: () => startServe(t, [folder, '--port', port], { storeUrl }),
    storeUrl,
  })
})

async function surviveKills(
  t: TestContext,
  { start, storeUrl }: { readonly start: () => Promise<Program>; readonly storeUrl: string },
): Promise<void> {
  const saved = new Set<string>()
  for (const [event, count] of KILLED_AFTER) {
    const program = await start()
    killAfter(program, event, count)
    await saveMany(program.client, saved)
    await program.kill('SIGKILL')
    assert.ok(saved.size < SAVES, 'it was killed in the middle')
    await lapseLeases(storeUrl) // as if 90 seconds had gone by: what the dead process held is free
  }

  const survivor = await start()
  await saveMany(survivor.client, saved)
  assert.equal(saved.size, SAVES)
  const stores = await openStores(storeUrl, { secretKey: Buffer.alloc(32, 7) })
  afterTest(t, () => stores.close())
  const accounts = await accountIds(survivor.client)
  const finished = () => stores.jobs.countRuns({ statuses: ['FINISHED'] })
  await eventually(
    'every run is finished',
    async () => (await finished()) >= accounts.length,
    200_000,
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

/** Kills the program in the moment when so many records were saved, or notifications accepted. */
function killAfter(program: Program, event: string, count: number): void {
  let seen = 0
  program.onLine((line) => {
    if (line.event === event) seen += Number(line['notificationCount'] ?? 1)
    if (seen >= count) void program.kill('SIGKILL')
  })
}

/** Saves until there are `SAVES`, or nobody answers any more. */
async function saveMany(client: RestClient, saved: Set<string>): Promise<void> {
  let asked = saved.size
  const saveInTurn = async () => {
    while (asked < SAVES) {
      asked += 1
      const fields = { Name: `Account ${asked}`, Type: 'Prospect' }
      const id = await client.createAccount(fields).catch(() => null)
      if (id === null) return
      saved.add(id)
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
