import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, INVOICE } from '../../../test/support/org-definitions.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import { type RecordEdit, rawFields, type SaveResult } from './record-edit.ts'
import { saveRecords } from './save-records.ts'

const invoices = { definitions: asDefinitions({ objects: [INVOICE] }) }

function creating(objectName: string, fields: object): RecordEdit {
  return { kind: 'create', objectName, fields: rawFields(fields) }
}

function updating(objectName: string, recordId: string, fields: object): RecordEdit {
  return { kind: 'update', objectName, recordId, fields: rawFields(fields) }
}

function upserting(keyValue: string, fields: object): RecordEdit {
  const keyField = 'Number__c'
  return { kind: 'upsert', objectName: 'Invoice__c', keyField, keyValue, fields: rawFields(fields) }
}

function codesOf(results: readonly SaveResult[]): readonly string[] {
  return results.map((each) =>
    each.kind === 'saved' ? 'saved' : (each.errors[0]?.statusCode ?? ''),
  )
}

async function fieldsOf(org: Org, objectName: string, id: RecordId) {
  const { records } = await org.store.readRecords([{ kind: 'ids', objectName, ids: [id] }])
  return records[0]?.fields
}

test('a new record has its defaults, its number, its owner and the moment it was saved', async (t) => {
  const { org, adminId, create } = await openTestOrg(t, invoices)

  const id = await create('invoice__C', {
    amount__c: '12.345',
    TAGS__C: 'c; a;a',
    Color__c: 'blue',
  })

  assert.partialDeepStrictEqual(await fieldsOf(org, 'Invoice__c', id), {
    Id: id,
    Name: 'INV-2026-0001',
    Amount__c: '12.35',
    Rate__c: '19',
    Greeting__c: 'Dear User',
    Paid__c: false,
    Color__c: 'Blue',
    Tags__c: 'A;C',
    OwnerId: adminId,
    CreatedById: adminId,
    CreatedDate: '2026-03-02T10:00:00.000Z',
    LastModifiedDate: '2026-03-02T10:00:00.000Z',
  })
})

test('an update changes what it names, the moment and nothing else', async (t) => {
  const { org, clock, create, save } = await openTestOrg(t, invoices)
  const id = await create('Invoice__c', { Amount__c: 1, Must__c: 'a' })
  clock.at += 60_000

  await save([updating('Invoice__c', id.slice(0, 15), { Amount__c: '' })])

  assert.partialDeepStrictEqual(await fieldsOf(org, 'Invoice__c', id), {
    Amount__c: null,
    Must__c: 'a',
    Name: 'INV-2026-0001',
    CreatedDate: '2026-03-02T10:00:00.000Z',
    LastModifiedDate: '2026-03-02T10:01:00.000Z',
  })
})

test('each mistake has its own code, and a bad record costs only itself', async (t) => {
  const { save } = await openTestOrg(t, invoices)

  const results = await save([
    creating('Account', {}),
    creating('Account', { Name: 'x'.repeat(256) }),
    creating('Account', { Name: 'A', Nonsense: 1 }),
    creating('Account', { Name: 'A', CreatedDate: '2020-01-01T00:00:00Z' }),
    creating('Account', { Name: 'A', ParentId: 'nonsense' }),
    creating('Account', { Name: 'A', ParentId: '003000000000001AAA' }),
    creating('Account', { Name: 'A', AnnualRevenue: 'a lot' }),
    creating('Account', { Name: 'A', AnnualRevenue: '1e19' }),
    creating('Contact', { LastName: 'B', Email: 'nobody' }),
    creating('Invoice__c', { Color__c: 'Pink' }),
    creating('Nonsense', {}),
    creating('Account', { Name: 'Good' }),
  ])

  assert.deepEqual(codesOf(results), [
    'REQUIRED_FIELD_MISSING',
    'STRING_TOO_LONG',
    'INVALID_FIELD',
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    'MALFORMED_ID',
    'FIELD_INTEGRITY_EXCEPTION',
    'JSON_PARSER_ERROR',
    'NUMBER_OUTSIDE_VALID_RANGE',
    'INVALID_EMAIL_ADDRESS',
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    'INVALID_TYPE',
    'saved',
  ])
})

test('a reference to a record that is not there, or was deleted, is refused', async (t) => {
  const { create, save } = await openTestOrg(t)
  const parent = await create('Account', { Name: 'Parent' })
  await save([{ kind: 'delete', objectName: null, recordId: parent }])

  const results = await save([
    creating('Account', { Name: 'A', ParentId: parent }),
    creating('Account', { Name: 'A', ParentId: '0010000000000zz' }),
    { kind: 'delete', objectName: 'Account', recordId: parent },
    updating('Account', '0010000000000zz', { Name: 'B' }),
  ])

  assert.deepEqual(codesOf(results), [
    'INVALID_CROSS_REFERENCE_KEY',
    'INVALID_CROSS_REFERENCE_KEY',
    'ENTITY_IS_DELETED',
    'INVALID_CROSS_REFERENCE_KEY',
  ])
})

test('all or none: one bad record rolls the others back and says so', async (t) => {
  const { org, save } = await openTestOrg(t)

  const results = await save([creating('Account', { Name: 'A' }), creating('Account', {})], true)

  assert.deepEqual(codesOf(results), [
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'REQUIRED_FIELD_MISSING',
  ])
  const { records } = await org.store.readRecords([
    { kind: 'all', objectName: 'Account', limit: 9 },
  ])
  assert.equal(records.length, 0)
})

test('an upsert by external id creates once and updates then, whatever the letters case', async (t) => {
  const { org, save } = await openTestOrg(t, invoices)

  const [first] = await save([upserting('A-1', { Amount__c: 1 })])
  const [second] = await save([upserting('a-1', { Amount__c: 2 })])

  assert.ok(first?.kind === 'saved' && second?.kind === 'saved')
  assert.deepEqual([first.isCreated, second.isCreated], [true, false])
  assert.equal(first.recordId, second.recordId)
  assert.partialDeepStrictEqual(await fieldsOf(org, 'Invoice__c', first.recordId), {
    Number__c: 'A-1',
    Amount__c: '2',
  })
})

test('a unique value that somebody has is refused with the id of who has it', async (t) => {
  const { create, save } = await openTestOrg(t, invoices)
  const holder = await create('Invoice__c', { Number__c: 'N1' })

  const results = await save([
    creating('Invoice__c', { Number__c: 'n1' }),
    creating('Invoice__c', { Number__c: 'N2' }),
    creating('Invoice__c', { Number__c: 'N2' }),
    upserting('N3', {}),
    upserting('n3', {}),
  ])

  assert.deepEqual(codesOf(results), [
    'DUPLICATE_VALUE',
    'saved',
    'DUPLICATE_VALUE',
    'saved',
    'DUPLICATE_VALUE',
  ])
  assert.ok(results[0]?.kind === 'refused')
  assert.equal(
    results[0].errors[0]?.message,
    `duplicate value found: Number__c duplicates value on record with id: ${holder}`,
  )
})

test('a record that two edits of one call name is changed by the first', async (t) => {
  const { org, create, save } = await openTestOrg(t)
  const id = await create('Account', { Name: 'A' })

  const results = await save([
    updating('Account', id, { Name: 'First' }),
    updating('Account', id, { Name: 'Second' }),
  ])

  assert.deepEqual(codesOf(results), ['saved', 'DUPLICATE_VALUE'])
  assert.equal((await fieldsOf(org, 'Account', id))?.Name, 'First')
})

test('a parent can be named by its external id', async (t) => {
  const { create, org, save } = await openTestOrg(t, {
    definitions: asDefinitions({
      objects: [INVOICE, childOfInvoice()],
    }),
  })
  const invoice = await create('Invoice__c', { Number__c: 'N1' })

  const child = await create('Line__c', { Invoice__r: { Number__c: 'N1' } })
  const results = await save([creating('Line__c', { 'Invoice__r.Number__c': 'N9' })])

  assert.equal((await fieldsOf(org, 'Line__c', child))?.Invoice__c, invoice)
  assert.deepEqual(codesOf(results), ['INVALID_FIELD'])
})

function childOfInvoice() {
  const { fields } = INVOICE
  const name = fields.find((each) => each.name === 'Account__c')
  if (!name) throw new Error('no reference to copy')
  const reference = {
    ...name,
    name: 'Invoice__c',
    referenceTo: ['Invoice__c'],
    relationshipName: 'Invoice__r',
  }
  const kept = fields.filter((each) => !each.name.endsWith('__c'))
  return { ...INVOICE, name: 'Line__c', label: 'Line', fields: [...kept, reference] }
}

test('an opportunity is closed and won as its stage says', async (t) => {
  const { org, create } = await openTestOrg(t)

  const id = await create('Opportunity', {
    Name: 'Sale',
    StageName: 'Closed Won',
    CloseDate: '2026-05-31',
    Amount: 200,
  })

  assert.partialDeepStrictEqual(await fieldsOf(org, 'Opportunity', id), {
    IsClosed: true,
    IsWon: true,
    Probability: '100',
    ExpectedRevenue: '200',
    ForecastCategoryName: 'Closed',
    FiscalYear: '2026',
    FiscalQuarter: '2',
  })
})

test('there is one organisation, and users are not deleted', async (t) => {
  const { org, adminId, save } = await openTestOrg(t)

  const results = await save([
    creating('Organization', { Name: 'Another' }),
    { kind: 'delete', objectName: 'User', recordId: adminId },
    updating('Organization', org.organizationId, { Name: 'Renamed' }),
    creating('RecordType', { Name: 'A', DeveloperName: 'A', SobjectType: 'Account' }),
  ])

  const unsupported = 'INVALID_TYPE_FOR_OPERATION'
  assert.deepEqual(codesOf(results), [unsupported, unsupported, 'saved', 'saved'])
})

test('more than 200 records in one call are refused as a whole', async (t) => {
  const { org, adminId } = await openTestOrg(t)
  const edits = Array.from({ length: 201 }, () => creating('Account', { Name: 'A' }))

  await assert.rejects(saveRecords(org, edits, { userId: adminId, allOrNone: false }), {
    errorCode: 'EXCEEDED_ID_LIMIT',
  })
})
