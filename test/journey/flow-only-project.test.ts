import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ADMIN } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { storesUnderTest } from '../support/stores.ts'
import { metadataXml, temporaryProject } from '../support/temporary-project.ts'

/** The flow that docs/flows.md shows: it tells the ERP when an account becomes active. */
function documentedFlow(): string {
  const page = readFileSync(join(import.meta.dirname, '../../docs/flows.md'), 'utf8')
  const [, xml] = /```xml\n([\s\S]*?)```/.exec(page) ?? []
  return xml ?? assert.fail('docs/flows.md shows no flow')
}

function files(endpointUrl: string): Readonly<Record<string, string>> {
  return {
    'objects/Account/fields/Active__c.field-meta.xml': metadataXml(
      'CustomField',
      '<fullName>Active__c</fullName><label>Active</label><type>Checkbox</type><defaultValue>false</defaultValue>',
    ),
    'workflows/Account.workflow-meta.xml': metadataXml(
      'Workflow',
      `<outboundMessages><fullName>Notify_ERP</fullName><apiVersion>60.0</apiVersion>
       <endpointUrl>${endpointUrl}</endpointUrl><fields>Id</fields><fields>Name</fields>
       <includeSessionId>false</includeSessionId><integrationUser>${ADMIN.username}</integrationUser>
       <name>Notify ERP</name><protected>false</protected></outboundMessages>`,
    ),
    'flows/Notify.flow-meta.xml': documentedFlow(),
    'flows/Lookup.flow-meta.xml': documentedFlow().replaceAll('actionCalls>', 'recordLookups>'),
    'flows/Screens.flow-meta.xml': metadataXml('Flow', '<processType>Flow</processType>'),
  }
}

for (const store of storesUnderTest()) {
  test(`${store.name}: a project without a workflow rule sends its outbound message by a flow`, async (t) => {
    const endpoint = await openEndpoint(t, ['Ack true'])
    const folder = await temporaryProject(t, files(endpoint.url))
    const { client, stores, logged, follower } = await openTestHouse(t, { store, folder })

    assert.match(
      follower.remarks().join('\n'),
      /Lookup.*FLOW_NOT_EXECUTED flow Lookup: recordLookups Notify: flows look up no records here/,
    )
    const id = await client.createAccount({ Name: 'Acme', Active__c: false })
    await client.updateAccount(id, { Active__c: true })
    await client.updateAccount(id, { Site: 'elsewhere' }) // it was active before
    await eventually('nothing is owed', async () => {
      const lanes = await stores.outbox.lanes()
      return lanes.length === 1 && lanes[0]?.waitingCount === 0
    })

    assert.deepEqual(
      endpoint.received.map(({ recordIds }) => recordIds),
      [[id]],
    )
    assert.deepEqual(
      logged('flow.ran').map(({ fields }) => fields),
      [{ flow: 'Notify', recordId: id }],
    )
  })
}
