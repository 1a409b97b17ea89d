import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChangeSet, OrgStore } from '../../src/org/org-store.ts'
import type { Select } from '../../src/org/select.ts'
import { customObject } from '../../src/schema/custom-object.ts'
import type { FieldDefinition } from '../../src/schema/object-definition.ts'
import type { OrgRecord } from '../../src/schema/record.ts'
import { makeRecordId, type RecordId } from '../../src/schema/record-id.ts'
import { blankValues } from '../../src/schema/stored-fields.ts'
import { storesUnderTest } from '../support/stores.ts'

const FIELDS: readonly FieldDefinition[] = [
  { name: 'Code__c', label: 'Code', type: 'string', length: 40, unique: true, externalId: true },
  { name: 'Amount__c', label: 'Amount', type: 'currency', precision: 18, scale: 2 },
  { name: 'Open__c', label: 'Open', type: 'boolean' },
  { name: 'Day__c', label: 'Day', type: 'date' },
  { name: 'At__c', label: 'At', type: 'datetime' },
  { name: 'Tags__c', label: 'Tags', type: 'multipicklist' },
  { name: 'Token__c', label: 'Token', type: 'string', length: 80, secret: true },
  {
    name: 'Parent__c',
    label: 'Parent',
    type: 'reference',
    referenceTo: ['Invoice__c'],
    relationshipName: 'Parent__r',
  },
]
const INVOICE = customObject({ name: 'Invoice__c', fields: FIELDS })

for (const store of storesUnderTest()) {
  describe(`org store: ${store.name}`, { concurrency: true }, () => {
    test('a record is read back as it was written, digit by digit', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      const written = invoice(1, {
        Name: 'Ünïcode ☃',
        Amount__c: '-9007199254740993.07',
        Open__c: true,
        Day__c: '2026-02-28',
        At__c: '2026-02-28T23:59:59.123Z',
        Token__c: 's3cret',
      })

      await org.commit(insertion(written))

      const { records } = await org.readRecords([
        { kind: 'ids', objectName: 'Invoice__c', ids: [written.recordId] },
      ])
      assert.deepEqual(records, [written])
    })

    test('of two change sets for one version of a record, one is refused whole', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      await org.commit(insertion(invoice(1, { Name: 'One' })))

      const answers = await Promise.all(
        ['A', 'B', 'C', 'D'].map((name) => org.commit(renaming(invoice(1, { Name: name })))),
      )

      assert.deepEqual(answers.map((each) => each.kind).sort(), [
        'committed',
        'failed',
        'failed',
        'failed',
      ])
    })

    test('a unique value is free once, whatever its case, and again when its record is deleted', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      const first = invoice(1, { Code__c: 'A-1' })
      const answers = [await org.commit(insertion(first))]

      answers.push(await org.commit(insertion(invoice(2, { Code__c: 'a-1' }))))
      answers.push(
        await org.commit({
          records: [{ kind: 'delete', record: { ...first, version: 2 } }],
          notifications: [],
          expectations: [],
        }),
      )
      answers.push(await org.commit(insertion(invoice(2, { Code__c: 'a-1' }))))

      assert.deepEqual(
        answers.map((each) => each.kind),
        ['committed', 'failed', 'committed', 'committed'],
      )
    })

    test('of many inserts of one unique value at once, one succeeds and the others are told', async (t) => {
      const org = await withInvoices((await store.open(t)).org)

      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          org.commit(insertion(invoice(index + 1, { Code__c: 'SAME' }))),
        ),
      )

      assert.equal(answers.filter((each) => each.kind === 'committed').length, 1)
    })

    test('of living records that share a name the first can be read alone, whatever its case', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      for (const n of [1, 2, 3, 4]) {
        await org.commit(insertion(invoice(n, { Name: n < 4 ? 'Same' : 'Other' })))
      }
      await org.commit({
        ...insertion(invoice(1, { Name: 'Same' })),
        records: [{ kind: 'delete', record: { ...invoice(1, { Name: 'Same' }), version: 2 } }],
      })

      const { records } = await org.readRecords([
        {
          kind: 'key',
          objectName: 'Invoice__c',
          field: 'Name',
          values: ['SAME', 'other', 'none'],
          firstOnly: true,
        },
      ])
      assert.deepEqual(
        records.map(({ recordId }) => recordId),
        [2, 4].map((n) => invoice(n, {}).recordId),
      )
    })

    test('a setting that belongs to a change set is written with it or not at all', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      const first = {
        ...insertion(invoice(1, { Code__c: 'A' })),
        setting: { name: 'n', value: '1' },
      }
      const taken = {
        ...insertion(invoice(2, { Code__c: 'A' })),
        setting: { name: 'n', value: '2' },
      }

      assert.equal((await org.commit(first)).kind, 'committed')
      assert.equal((await org.commit(taken)).kind, 'failed')

      assert.equal(await org.readSetting('n'), '1')
    })

    test('a bad change set between two good ones fails alone', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      const bad: ChangeSet = {
        records: [{ kind: 'update', record: invoice(9, {}) }],
        notifications: [],
        expectations: [],
      }

      const answers = await Promise.allSettled([
        org.commit(insertion(invoice(1, {}))),
        org.commit(bad),
        org.commit(insertion(invoice(2, {}))),
      ])

      assert.deepEqual(
        answers.map((each) => each.status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      const { records } = await org.readRecords([
        { kind: 'all', objectName: 'Invoice__c', limit: 10 },
      ])
      assert.equal(records.length, 2)
    })

    test('a record that refers to a deleted one is refused', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      const child = invoice(2, { Parent__c: idOf(1) })
      const asked: ChangeSet = {
        ...insertion(child),
        expectations: [
          {
            kind: 'exists',
            recordId: child.recordId,
            objectName: 'Invoice__c',
            referredId: idOf(1),
          },
        ],
      }

      const missing = await org.commit(asked)
      await org.commit(insertion(invoice(1, {})))
      const found = await org.commit(asked)

      assert.deepEqual([missing.kind, found.kind], ['failed', 'committed'])
    })

    test('serial numbers are never given twice', async (t) => {
      const { org } = await store.open(t)

      const firsts = await Promise.all(
        Array.from({ length: 20 }, () => org.reserveSerials('x', 10)),
      )

      assert.deepEqual(
        firsts.sort((one, other) => one - other),
        Array.from({ length: 20 }, (_, index) => index * 10 + 1),
      )
    })

    test('both stores filter, fold and sort alike', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      const named = [
        { Name: 'beta', Amount__c: '10.5', Tags__c: 'A;B', Parent__c: idOf(2) },
        { Name: 'Alpha', Amount__c: '2', Open__c: true, Tags__c: 'B;C' },
        { Name: 'Äther', At__c: '2026-01-02T00:00:00.000Z' },
        { Name: '100%', Amount__c: '-0.01', Day__c: '2026-05-01' },
      ]
      for (const [index, fields] of named.entries()) {
        await org.commit(insertion(invoice(index + 1, fields)))
      }
      const names = async (condition: Select['condition']) =>
        (await org.select(byName(condition), 5000)).map(([name]) => name)

      assert.deepEqual(await names(null), ['100%', 'Alpha', 'beta', 'Äther'])
      assert.deepEqual(await names(compare('Name', '=', 'ALPHA')), ['Alpha'])
      assert.deepEqual(await names(compare('Name', 'like', '%0\\%')), ['100%'])
      assert.deepEqual(await names(compare('Amount__c', '>', '1.999')), ['Alpha', 'beta'])
      assert.deepEqual(await names(compare('Amount__c', '!=', '2')), ['100%', 'beta', 'Äther'])
      assert.deepEqual(await names(compare('Tags__c', 'includes', 'b')), ['Alpha', 'beta'])
      assert.deepEqual(await names(compare('Open__c', '=', true)), ['Alpha'])
      assert.deepEqual(await names(compare('Day__c', '>=', '2026-05-01')), ['100%'])
      assert.deepEqual(await names(compare('At__c', '<', '2026-01-02T00:00:00.001Z')), ['Äther'])
      const parent = { hops: [{ field: 'Parent__c', objectName: 'Invoice__c' }], field: 'Name' }
      const viaParent = { kind: 'compare', path: parent, comparison: '=', value: 'alpha' } as const
      assert.deepEqual(await names(viaParent), ['beta'])
      assert.deepEqual(await names({ kind: 'not', condition: viaParent }), [
        '100%',
        'Alpha',
        'Äther',
      ])
    })

    test('a definition keeps its id and its key prefix when it is written again', async (t) => {
      const { org } = await store.open(t)
      await withInvoices(org)
      const before = await org.readDefinitions()

      const changed = { ...INVOICE, label: 'Bill', keyPrefix: null }
      const version = await org.replaceDefinitions('project', [
        { kind: 'object', key: 'Invoice__c', body: changed },
      ])

      const after = await org.readDefinitions()
      const [was, is] = [before, after].map(({ definitions }) => {
        return definitions.find(({ key }) => key === 'Invoice__c')
      })
      assert.equal(after.version, version)
      assert.equal(is?.id, was?.id)
      assert.deepEqual(is?.body, { ...changed, keyPrefix: 'a00' })
    })

    test('a field whose type changes gets an empty column, and a new field joins old records', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      await org.commit(insertion(invoice(1, { Amount__c: '12.34', Name: 'x' })))
      const fields = FIELDS.map((field) =>
        field.name === 'Amount__c' ? { ...field, type: 'string' as const } : field,
      ).concat({ name: 'More__c', label: 'More', type: 'boolean' })

      await org.replaceDefinitions('project', [
        { kind: 'object', key: 'Invoice__c', body: customObject({ name: 'Invoice__c', fields }) },
      ])

      const { records } = await org.readRecords([
        { kind: 'key', objectName: 'Invoice__c', field: 'Name', values: ['X'] },
      ])
      assert.equal(records[0]?.fields['Amount__c'], null)
      assert.equal(records[0]?.fields['More__c'], false)
    })

    test('a field may become unique and stop being so, also where records share its value', async (t) => {
      const org = await withInvoices((await store.open(t)).org)
      const redefine = (unique: boolean) =>
        org.replaceDefinitions('project', [
          {
            kind: 'object',
            key: 'Invoice__c',
            body: customObject({
              name: 'Invoice__c',
              fields: FIELDS.map((field) =>
                field.name === 'Code__c' ? { ...field, unique } : field,
              ),
            }),
          },
        ])
      const insertUnchecked = (serial: number) =>
        org.commit({ ...insertion(invoice(serial, { Code__c: 'TWIN' })), expectations: [] })

      await redefine(false)
      await insertUnchecked(1)
      await insertUnchecked(2)
      await redefine(true)

      const third = await org.commit(insertion(invoice(3, { Code__c: 'twin' })))
      assert.equal(third.kind, 'failed')
    })

    test('a setting is claimed by one, and all learn what it is', async (t) => {
      const { org } = await store.open(t)

      const claims = await Promise.all(['a', 'b', 'c'].map((id) => org.claimSetting('org', id)))

      assert.equal(new Set(claims).size, 1)
    })
  })
}

async function withInvoices(org: OrgStore): Promise<OrgStore> {
  await org.replaceDefinitions('project', [{ kind: 'object', key: 'Invoice__c', body: INVOICE }])
  return org
}

function idOf(serial: number): RecordId {
  return makeRecordId('a00', serial)
}

function invoice(serial: number, fields: OrgRecord['fields']): OrgRecord {
  const recordId = idOf(serial)
  return {
    objectName: 'Invoice__c',
    recordId,
    version: 1,
    fields: { ...blankValues(INVOICE), Id: recordId, ...fields },
  }
}

function insertion(record: OrgRecord): ChangeSet {
  const code = record.fields['Code__c']
  const free = { kind: 'free', objectName: 'Invoice__c', field: 'Code__c', upsert: false } as const
  return {
    records: [{ kind: 'insert', record }],
    notifications: [],
    expectations:
      typeof code === 'string' ? [{ ...free, recordId: record.recordId, value: code }] : [],
  }
}

function renaming(record: OrgRecord): ChangeSet {
  return {
    records: [{ kind: 'update', record: { ...record, version: 2 } }],
    notifications: [],
    expectations: [
      { kind: 'unchanged', recordId: record.recordId, objectName: 'Invoice__c', version: 1 },
    ],
  }
}

function compare(
  field: string,
  comparison: '=' | '!=' | '<' | '>' | '>=' | 'like' | 'includes',
  value: string | boolean,
): Select['condition'] {
  return { kind: 'compare', path: { hops: [], field }, comparison, value }
}

function byName(condition: Select['condition']): Select {
  return {
    objectName: 'Invoice__c',
    fields: [{ hops: [], field: 'Name' }],
    isCount: false,
    condition,
    orderBy: [{ path: { hops: [], field: 'Name' }, descending: false, nullsLast: false }],
    limit: 50,
    offset: 0,
    includeDeleted: false,
  }
}
