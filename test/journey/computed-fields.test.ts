import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openEndpoint } from '../support/endpoint.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { REST, type RestClient } from '../support/rest-client.ts'
import { storesUnderTest } from '../support/stores.ts'
import { metadataXml, temporaryProject } from '../support/temporary-project.ts'

const field = (name: string, type: string, more: string) =>
  `<fields><fullName>${name}</fullName><label>${name}</label><type>${type}</type>${more}</fields>`
const formula = (name: string, type: string, text: string, more = '') =>
  field(name, type, `<formula>${text}</formula>${more}`)
const MONEY = '<precision>18</precision><scale>2</scale>'

const READER = 'reader@obm.example'

/** Orders below accounts; what the message carries is computed, but for its name. */
function project(t: TestContext, endpointUrl: string): Promise<string> {
  const fields = [
    'Id',
    'Name',
    'Owner__c',
    'Gross__c',
    'Share__c',
    'Link__c',
    'Due__c',
    'Secret__c',
  ]
  return temporaryProject(t, {
    'objects/Account.object': metadataXml(
      'CustomObject',
      field(
        'Ordered__c',
        'Summary',
        '<summaryForeignKey>Order__c.Account__c</summaryForeignKey><summaryOperation>sum</summaryOperation><summarizedField>Order__c.Amount__c</summarizedField>',
      ),
    ),
    'objects/Order__c.object': metadataXml(
      'CustomObject',
      [
        '<label>Order</label><nameField><label>Name</label><type>Text</type></nameField>',
        field('Account__c', 'MasterDetail', '<referenceTo>Account</referenceTo>'),
        field('Amount__c', 'Currency', MONEY),
        field('Secret__c', 'Percent', '<precision>5</precision><scale>1</scale>'),
        formula(
          'Owner__c',
          'Text',
          'Account__r.Owner.FirstName &amp; &quot; &quot; &amp; Account__r.Owner.LastName &amp; &quot; &quot;',
        ),
        formula('Net__c', 'Currency', 'Amount__c * (1 - Secret__c)', MONEY),
        formula('Gross__c', 'Currency', 'Net__c * 1.195', MONEY),
        formula(
          'Share__c',
          'Percent',
          'Amount__c / Account__r.Ordered__c',
          '<precision>5</precision><scale>1</scale>',
        ),
        formula(
          'Link__c',
          'Text',
          'HYPERLINK(&quot;https://x.example/&quot; &amp; Name, &quot;open&quot;)',
        ),
        formula('Due__c', 'Date', 'DATE(2026, 1, 31) + 1'),
        formula(
          'Blank__c',
          'Number',
          'Amount__c + 1',
          '<scale>0</scale><formulaTreatBlanksAs>BlankAsBlank</formulaTreatBlanksAs>',
        ),
        formula('Zero__c', 'Number', 'Amount__c + 1', '<scale>0</scale>'),
        formula('Wheel__c', 'Number', 'Circle__c + 1'),
        formula('Circle__c', 'Number', 'Wheel__c + 1'),
      ].join('\n'),
    ),
    'workflows/Order__c.workflow': metadataXml(
      'Workflow',
      `<outboundMessages><fullName>Tell</fullName><apiVersion>60.0</apiVersion><endpointUrl>${endpointUrl}</endpointUrl>
       ${fields.map((name) => `<fields>${name}</fields>`).join('')}
       <includeSessionId>false</includeSessionId><integrationUser>${READER}</integrationUser><name>Tell</name></outboundMessages>
       <rules><fullName>R</fullName><actions><name>Tell</name><type>OutboundMessage</type></actions><active>true</active>
       <formula>Gross__c &gt; 100</formula><triggerType>onAllChanges</triggerType></rules>`,
    ),
    'profiles/Reader.profile': metadataXml(
      'Profile',
      '<fieldPermissions><editable>false</editable><field>Order__c.Secret__c</field><readable>false</readable></fieldPermissions>',
    ),
  })
}

async function rowsOf({ call }: RestClient, soql: string): Promise<Record<string, unknown>[]> {
  const { json } = await call('GET', `${REST}/query?q=${encodeURIComponent(soql)}`)
  return (json as { records: Record<string, unknown>[] }).records
}

async function openOrders(t: TestContext) {
  const [store] = storesUnderTest()
  assert.ok(store)
  const endpoint = await openEndpoint(t, ['Ack true'])
  const folder = await project(t, endpoint.url)
  const { client } = await openTestHouse(t, { store, folder })
  const account = await client.createAccount({ Name: 'Acme' })
  const create = async (fields: object) => {
    const body = { Account__c: account, ...fields }
    const { json } = await client.call('POST', `${REST}/sobjects/Order__c`, body)
    return (json as { id: string }).id
  }
  return { client, endpoint, create }
}

test('a message carries formula fields over parents, roll-ups and fields that its user may not see', async (t) => {
  const { client, endpoint, create } = await openOrders(t)
  const [reader] = await rowsOf(client, `SELECT Id FROM User WHERE Username = '${READER}'`)
  const [profile] = await rowsOf(client, "SELECT Id FROM Profile WHERE Name = 'Reader'")
  const made = await client.call('PATCH', `${REST}/sobjects/User/${reader?.['Id']}`, {
    ProfileId: profile?.['Id'],
  })
  assert.equal(made.status, 204)
  await create({ Name: 'small', Amount__c: 75, Secret__c: 0 })
  await create({ Name: 'A & B', Amount__c: 225, Secret__c: 10 })
  await endpoint.receivedCount(1)

  const [received] = endpoint.received
  assert.ok(received)
  const values = [...received.body.matchAll(/<sf:(\w+)>([^<]*)<\/sf:\1>/g)].map(
    ([, name, value]) => [name, value],
  )
  assert.deepEqual(values.slice(1), [
    ['Due__c', '2026-02-01'],
    ['Gross__c', '241.99'],
    [
      'Link__c',
      '&lt;a href=&quot;https://x.example/A &amp; B&quot; target=&quot;_blank&quot;&gt;open&lt;/a&gt;',
    ],
    ['Name', 'A &amp; B'],
    ['Owner__c', 'Admin User '],
    ['Share__c', '75.0'],
  ])
})

test('every read computes them: retrieve, queries of the record and of its parent; a circle is blank', async (t) => {
  const { client, create } = await openOrders(t)
  const id = await create({ Name: 'one', Amount__c: 50, Secret__c: 50 })
  const blank = await create({ Name: 'two' })

  const retrieved = await client.call('GET', `${REST}/sobjects/Order__c/${id}`)
  assert.partialDeepStrictEqual(retrieved.json, {
    Net__c: 25,
    Gross__c: 29.88,
    Share__c: 100,
    Due__c: '2026-02-01',
    Owner__c: 'Admin User ',
    Wheel__c: null,
  })
  const [row] = await rowsOf(
    client,
    `SELECT Gross__c, Account__r.Ordered__c FROM Order__c WHERE Id = '${id}'`,
  )
  assert.equal(row?.['Gross__c'], 29.88)
  assert.partialDeepStrictEqual(row?.['Account__r'], { Ordered__c: 50 })
  const [other] = await rowsOf(
    client,
    `SELECT Blank__c, Zero__c FROM Order__c WHERE Id = '${blank}'`,
  )
  assert.deepEqual([other?.['Blank__c'], other?.['Zero__c']], [null, 1])
  const sorted = await client.call('GET', `${REST}/query?q=SELECT+Id+FROM+Order__c+ORDER+BY+Net__c`)
  assert.partialDeepStrictEqual(sorted.json, [{ errorCode: 'INVALID_FIELD' }])
  const byRollUp = await rowsOf(client, 'SELECT Name FROM Account WHERE Ordered__c >= 50')
  assert.deepEqual(byRollUp.length, 1)
})

test('describe shows them as calculated, and takes no values for them', async (t) => {
  const { client } = await openOrders(t)

  const order = await client.call('GET', `${REST}/sobjects/Order__c/describe`)
  const account = await client.call('GET', `${REST}/sobjects/Account/describe`)

  const fieldOf = ({ json }: typeof order, name: string) =>
    (json as { fields: Record<string, unknown>[] }).fields.find((each) => each['name'] === name)
  assert.partialDeepStrictEqual(fieldOf(order, 'Gross__c'), {
    calculated: true,
    calculatedFormula: 'Net__c * 1.195',
    createable: false,
    updateable: false,
    filterable: false,
    sortable: false,
    type: 'currency',
  })
  assert.partialDeepStrictEqual(fieldOf(account, 'Ordered__c'), {
    calculated: true,
    calculatedFormula: null,
    createable: false,
    updateable: false,
    filterable: true,
    type: 'currency',
    scale: 2,
  })
})
