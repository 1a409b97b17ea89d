import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, CREDENTIAL, INVOICE } from '../../../test/support/org-definitions.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { describeGlobal, describeObject } from '../describe/describe-object.ts'
import { findByKey, retrieveRecords } from '../retrieve-records.ts'
import type { QueriedRecord } from './queried-record.ts'
import { queryRecords } from './query-records.ts'

const definitions = asDefinitions({ objects: [INVOICE, CREDENTIAL] })

function query({ org, adminId }: TestOrg, soql: string) {
  return queryRecords(org, soql, { userId: adminId, includeDeleted: false })
}

/** A record as the JSON people know, without attributes. */
function plain(record: QueriedRecord | null): unknown {
  if (record === null) return null
  const entries = record.fields.map(({ name, value }) => {
    return [name, typeof value === 'object' && value !== null ? plain(value) : value]
  })
  return Object.fromEntries(entries)
}

for (const store of storesUnderTest()) {
  test(`${store.name}: a query answers records with their parents, formulas computed`, async (t) => {
    const house = await openTestOrg(t, { definitions, store })
    const acme = await house.create('Account', { Name: 'Acme' })
    await house.create('Invoice__c', { Number__c: 'N2', Amount__c: 50, Account__c: acme })
    await house.create('Invoice__c', { Number__c: 'n1', Amount__c: 7 })

    const { records, totalSize } = await query(
      house,
      'select number__c, tax__c, Owed_by__c, account__r.name, owner.name from invoice__c order by number__c',
    )

    assert.equal(totalSize, 2)
    assert.deepEqual(records.map(plain), [
      {
        Number__c: 'n1',
        Tax__c: '1.4',
        Owed_by__c: null,
        Account__r: null,
        Owner: { Name: 'Admin User' },
      },
      {
        Number__c: 'N2',
        Tax__c: '10',
        Owed_by__c: 'Acme',
        Account__r: { Name: 'Acme' },
        Owner: { Name: 'Admin User' },
      },
    ])
  })

  test(`${store.name}: conditions of every kind find what they say`, async (t) => {
    const house = await openTestOrg(t, { definitions, store })
    const acme = await house.create('Account', { Name: 'Acme_1', Industry: 'Energy' })
    await house.create('Account', { Name: 'Acmex1', ParentId: acme })
    await house.create('Invoice__c', { Tags__c: 'A;B', Amount__c: '0.30', Account__c: acme })
    await house.create('Invoice__c', { Tags__c: 'C', Paid__c: true })
    const count = async (soql: string) => (await query(house, soql)).totalSize

    const accounts = 'SELECT COUNT() FROM Account WHERE'
    const invoices = 'SELECT COUNT() FROM Invoice__c WHERE'
    const many = Array.from({ length: 3000 }, (_, n) => `'${n}'`).join()
    const found = {
      [`${accounts} Name = 'ACME_1'`]: 1,
      [`${accounts} Name LIKE 'acme%'`]: 2,
      [String.raw`${accounts} Name LIKE 'Acme\_%'`]: 1,
      [`${accounts} Industry != 'Energy'`]: 1,
      [`${accounts} NOT Industry = 'Energy'`]: 1,
      [`${accounts} Parent.Name = 'Acme_1'`]: 1,
      [`${accounts} Owner.Profile.Name = 'System Administrator' AND CreatedDate = TODAY`]: 2,
      [`${accounts} CreatedDate < TODAY`]: 0,
      [`${accounts} Id NOT IN (SELECT Account__c FROM Invoice__c)`]: 1,
      [`${accounts} Name IN (${many}, 'acme_1')`]: 1,
      [`${accounts} Name NOT IN (${many})`]: 2,
      [`${invoices} Amount__c = 0.3`]: 1,
      [`${invoices} Amount__c > 0.2999`]: 1,
      [`${invoices} Tags__c INCLUDES ('A;B', 'D')`]: 1,
      [`${invoices} Tags__c EXCLUDES ('A')`]: 1,
      [`${invoices} Paid__c = TRUE`]: 1,
      [`${invoices} Due__c = null`]: 2,
    }

    for (const [soql, wanted] of Object.entries(found)) {
      assert.equal(await count(soql), wanted, soql.slice(0, 120))
    }
  })
}

test('deleted records are answered only where they are asked for', async (t) => {
  const house = await openTestOrg(t)
  const id = await house.create('Account', { Name: 'Gone' })
  await house.save([{ kind: 'delete', objectName: 'Account', recordId: id }])

  const soql = 'SELECT Id, IsDeleted FROM Account'
  const { org, adminId } = house
  const all = await queryRecords(org, soql, { userId: adminId, includeDeleted: true })

  assert.equal((await query(house, soql)).totalSize, 0)
  assert.deepEqual(all.records.map(plain), [{ Id: id, IsDeleted: true }])
})

test('records are retrieved by id in the order asked for, null for what is not there', async (t) => {
  const { org, adminId: userId, create } = await openTestOrg(t, { definitions })
  const id = await create('Invoice__c', { Number__c: 'N1', Amount__c: 10 })
  const ask = { userId, objectName: 'invoice__c', recordIds: [userId, id] }

  const found = await retrieveRecords(org, { ...ask, fields: ['amount__c', 'Tax__c'] })
  const whole = await retrieveRecords(org, { ...ask, fields: null })

  assert.deepEqual(found.map(plain), [null, { Amount__c: '10', Tax__c: '2' }])
  assert.equal(whole[1]?.fields.find((each) => each.name === 'Number__c')?.value, 'N1')
  await assert.rejects(retrieveRecords(org, { ...ask, fields: ['Nonsense'] }), {
    errorCode: 'INVALID_FIELD',
  })
  const key = { userId, objectName: 'Invoice__c', field: 'number__c' }
  assert.equal(await findByKey(org, { ...key, value: 'n1' }), id)
  assert.equal(await findByKey(org, { ...key, value: 'n2' }), null)
})

test('describe tells what each field is and who may write it', async (t) => {
  const { org, adminId } = await openTestOrg(t, { definitions })

  const described = await describeObject(org, 'INVOICE__C', adminId)
  const fields = described?.['fields']
  assert.ok(Array.isArray(fields))
  const named = (name: string) => fields.find((each) => each.name === name)

  assert.match(String(described?.['keyPrefix']), /^a0\w$/)
  assert.partialDeepStrictEqual(named('Name'), {
    type: 'string',
    autoNumber: true,
    nameField: true,
    createable: false,
    nillable: false,
  })
  assert.partialDeepStrictEqual(named('Number__c'), {
    externalId: true,
    idLookup: true,
    unique: true,
    length: 20,
    byteLength: 60,
    soapType: 'xsd:string',
  })
  assert.partialDeepStrictEqual(named('Amount__c'), {
    type: 'currency',
    soapType: 'xsd:double',
    precision: 18,
    scale: 2,
    length: 0,
  })
  assert.partialDeepStrictEqual(named('Tax__c'), {
    calculated: true,
    createable: false,
    filterable: false,
  })
  assert.partialDeepStrictEqual(named('Account__c'), {
    type: 'reference',
    referenceTo: ['Account'],
    relationshipName: 'Account__r',
    soapType: 'tns:ID',
  })
  assert.partialDeepStrictEqual(named('Must__c'), { nillable: false, defaultedOnCreate: true })
  const all = await describeGlobal(org, adminId)
  assert.ok(
    all.some(
      (each) => each['name'] === 'DataCloud_User_Credential__c' && each['customSetting'] === true,
    ),
  )
  assert.equal(await describeObject(org, 'ScratchOrgInfo', adminId), undefined)
})
