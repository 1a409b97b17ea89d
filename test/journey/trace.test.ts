import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStores } from '../../src/store/open-store.ts'
import type { RecordStory } from '../../src/story/record-story.ts'
import { WORKFLOWS } from '../support/accounts-project.ts'
import { afterTest } from '../support/after-test.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse, type TestHouse } from '../support/open-test-house.ts'
import { runObm } from '../support/run-obm.ts'
import { storesUnderTest } from '../support/stores.ts'
import { metadataXml, projectJson, temporaryProject } from '../support/temporary-project.ts'

const RULES = `<rules>
    <fullName>Prospects%3A tell</fullName><active>true</active>
    <criteriaItems><field>Account.Type</field><operation>equals</operation><value>Prospect</value></criteriaItems>
    <triggerType>onCreateOrTriggeringUpdate</triggerType>
  </rules>
  <rules>
    <fullName>Moved</fullName><active>true</active>
    <formula>AND(ISCHANGED(BillingCity), NOT(ISBLANK(BillingCity)))</formula>
    <triggerType>onAllChanges</triggerType>
  </rules>`

const project = (config: object = {}) => ({
  'sfdx-project.json': projectJson('force-app'),
  'obm.config.json': JSON.stringify(config),
  [`${WORKFLOWS}/Account.workflow-meta.xml`]: metadataXml('Workflow', RULES),
})

for (const store of storesUnderTest()) {
  test(`${store.name}: why a rule did not fire is told, save by save`, async (t) => {
    const folder = await temporaryProject(t, project())
    const opened = await openTestHouse(t, { store, folder, roles: ['org'] })
    const { client, clock } = opened
    const id = await client.createAccount({ Name: 'Acme', Type: 'Prospect' })
    await tracesOf(opened, id, 1) // else the turn that traces it seems to take the second below, and then rests
    clock.advance(1000)
    await client.updateAccount(id, { Type: 'Prospect', BillingCity: 'Oslo' })
    await tracesOf(opened, id, 2)

    const { json } = await client.call('GET', `/setup/api/story/${id}`)
    const { events } = json as RecordStory
    assert.deepEqual(
      events.map(({ kind, text: told, verdicts }) => [kind, told, verdicts.map((v) => v.reason)]),
      [
        [
          'recordSaved',
          'admin@obm.example created the record',
          [
            'fired: it meets its criteria',
            'did not fire: its formula is false: ISCHANGED(BillingCity) is false, as for every new record',
          ],
        ],
        [
          'recordSaved',
          'admin@obm.example saved the record (its version 2): changed BillingCity',
          [
            'not evaluated: the record met the criteria before this edit too, and the rule fires only when an edit makes it meet them',
            'fired: its formula is true',
          ],
        ],
      ],
    )

    const { out } = await runObm(opened, 'story', id)
    assert.match(out, /\n {25} {2}"Prospects: tell" not evaluated: the record met the criteria/)
  })
}

const [embedded] = storesUnderTest()
assert.ok(embedded)
const store = embedded

test('obm trace shows the last save: as text, as a debug log, as JSON; and tries what was not saved', async (t) => {
  const folder = await temporaryProject(t, project())
  const opened = await openTestHouse(t, { store, folder, roles: ['org'] })
  const id = await opened.client.createAccount({ Name: 'Acme', Type: 'Customer' })
  const [traceId] = await tracesOf(opened, id, 1)

  const shown = await runObm(opened, 'trace', id.slice(0, 15))
  const log = await runObm(opened, 'trace', String(traceId), '--log')
  const json = await runObm(opened, 'trace', id, '--json')
  const tried = await runObm(
    opened,
    ...['trace', id, 'Prospects: tell', '--dry', '--set', 'Type=Prospect', '--as-new'],
  )

  assert.deepEqual(shown.out.split('\n').slice(5), [
    '  rule "Prospects: tell" did not fire: criterion 1 Account.Type equals Prospect: the value is Customer',
    '    ✗ 1 Account.Type equals Prospect — Customer',
    '  rule "Moved" did not fire: its formula is false: ISCHANGED(BillingCity) is false, as for every new record',
    '    AND(ISCHANGED(BillingCity), NOT(ISBLANK(BillingCity))) — false',
    '      ISCHANGED(BillingCity) — false',
    '        BillingCity — blank',
    '      NOT(ISBLANK(BillingCity)) — not evaluated',
    '',
  ])
  assert.match(log.out, /\|WF_FORMULA_PART\|1:5-1:26\|ISCHANGED\(BillingCity\)\|false\n/)
  assert.equal((JSON.parse(json.out) as { traceId: string }[])[0]?.traceId, traceId)
  assert.match(tried.out, /: tried as admin@obm\.example at .*, nothing is written\n/)
  assert.match(tried.out, /\n {2}Type: Customer → Prospect\n {2}rule "Prospects: tell" fired:/)
  assert.equal((await runObm(opened, 'trace', '001000000000099')).code, 1)
  assert.equal((await runObm(opened, 'trace', 'none')).code, 2)
})

test('with "traces": false nothing is kept', async (t) => {
  const folder = await temporaryProject(t, project({ traces: false }))
  const { client, house, stores } = await openTestHouse(t, { store, folder, roles: ['org'] })
  await client.createAccount({ Name: 'Acme' })
  const { url } = stores

  await house.stop()

  const again = await openStores(url, { secretKey: Buffer.alloc(32, 7) })
  afterTest(t, () => again.close())
  assert.deepEqual(await again.traces.list({ limit: 1 }), [])
})

/** The record's traces once there are so many, the newest first. */
function tracesOf({ stores }: TestHouse, id: string, count: number): Promise<readonly string[]> {
  return eventually(`${count} traces`, async () => {
    const found = await stores.traces.list({ limit: 10 })
    const its = found.filter(({ recordId }) => recordId === id)
    return its.length === count && its.map(({ traceId }) => traceId)
  })
}
