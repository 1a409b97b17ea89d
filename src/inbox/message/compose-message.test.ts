import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jobConfig, NOON } from '../../../test/support/receiving.ts'
import { parseRecordId } from '../../schema/record-id.ts'
import type { Envelope, EnvelopeNotification, SObject } from '../../wire/envelope.ts'
import type { FieldList } from '../../wire/field-list/field-list.ts'
import { messageOf } from './compose-message.ts'
import { inferChangeKind } from './infer-change-kind.ts'

const record = (values: Readonly<Record<string, string>>, id = '0015e00000UvWx4'): SObject => ({
  type: 'Account',
  recordId: parseRecordId(id),
  fields: Object.entries(values).map(([name, value]) => ({ name, value, nil: false })),
})

const notification = (id: string, sObject: SObject | null): EnvelopeNotification => ({
  notificationId: parseRecordId(id),
  sObject,
})

const envelope = (notifications: readonly EnvelopeNotification[]): Envelope => ({
  organizationId: parseRecordId('00D5e000000Abc1'),
  actionId: parseRecordId('04k5e000000Xy2z'),
  sessionId: 'SECRET!',
  enterpriseUrl: null,
  partnerUrl: 'https://a.example/u',
  notifications,
})

const list = (...names: readonly string[]): FieldList => ({
  objectName: 'Account',
  actionId: null,
  fields: names.map((name) => ({ name, type: name === 'Active' ? 'boolean' : 'string' })),
})

const compose = (notifications: readonly EnvelopeNotification[], ...fieldLists: FieldList[]) =>
  messageOf(envelope(notifications), notifications, {
    config: jobConfig({ fieldLists }),
    now: NOON,
  })

test('bug 11, nil, empty and absent taken for the same: each stays what it is while the fields are not known', () => {
  const sObject: SObject = {
    ...record({ Name: 'Acme', Site: '' }),
    fields: [
      { name: 'Fax', value: '', nil: true },
      { name: 'Name', value: 'Acme', nil: false },
      { name: 'Site', value: '', nil: false },
    ],
  }
  const { body, properties } = compose([notification('04l5e00000QrSt3', sObject)])
  assert.match(body, /<sf:Fax xsi:nil="true"\/>\s*<sf:Name>Acme<\/sf:Name>\s*<sf:Site><\/sf:Site>/)
  assert.doesNotMatch(body, /Phone/)
  assert.equal(properties.FieldList, undefined)
})

test('a chosen field that is absent becomes nil once the fields are known', () => {
  const sent = [notification('04l5e00000QrSt3', record({ Name: 'Acme', Site: '' }))]
  const { body, properties } = compose(sent, list('Fax', 'Name', 'Site'))
  assert.match(body, /<sf:Fax xsi:nil="true"\/>\s*<sf:Name>Acme<\/sf:Name>\s*<sf:Site><\/sf:Site>/)
  assert.equal(properties.FieldList, 'applied')
})

test('a field list that lacks a field of the message makes no nulls, and the run says that it differs', () => {
  const sent = [notification('04l5e00000QrSt3', record({ Name: 'Acme', New__c: 'x' }))]
  const { body, properties } = compose(sent, list('Fax', 'Name'))
  assert.doesNotMatch(body, /nil="true"\/>\s*<sf:/)
  assert.equal(properties.FieldList, 'differs')
})

test('whether a record was created or changed is inferred from its times, and marked so', () => {
  const at = '2026-09-08T23:40:33.000Z'
  const later = '2026-09-08T23:41:00.000Z'
  const kindOf = (values: Readonly<Record<string, string>>) => inferChangeKind(record(values), null)
  assert.equal(kindOf({ CreatedDate: at, LastModifiedDate: at }), 'create')
  assert.equal(kindOf({ CreatedDate: at, LastModifiedDate: later, SystemModstamp: at }), 'update')
  assert.equal(kindOf({ CreatedDate: at, SystemModstamp: at }), 'create')
  assert.equal(kindOf({ CreatedDate: at }), null)
  assert.equal(kindOf({ Name: 'Acme', LastModifiedDate: later }), null)

  const sent = [notification('04l5e00000QrSt3', record({ CreatedDate: at, SystemModstamp: at }))]
  const { properties } = compose(sent)
  assert.deepEqual([properties.ChangeKind, properties.ChangeKindInferred], ['create', 'true'])
  const unknown = compose([notification('04l5e00000QrSt3', record({ Name: 'Acme' }))]).properties
  assert.deepEqual([unknown.ChangeKind, unknown.ChangeKindInferred], [undefined, undefined])
})

test('a record without data is gone; one with its id alone only where something would always be sent', () => {
  assert.equal(inferChangeKind(null, null), 'gone')
  assert.equal(inferChangeKind({ ...record({}), recordId: null }, null), 'gone')
  assert.equal(inferChangeKind(record({}), null), null)
  assert.equal(inferChangeKind(record({}), list()), null)
  assert.equal(inferChangeKind(record({}), list('Fax')), null)
  assert.equal(inferChangeKind(record({}), list('Fax', 'Active')), 'gone')
  assert.equal(inferChangeKind(record({}), list('LastModifiedDate')), 'gone')

  const gone = compose([notification('04l5e00000QrSt3', record({}))], list('Active', 'Fax'))
  assert.doesNotMatch(gone.body, /Fax/)
  assert.equal(gone.properties.ChangeKind, 'gone')
})

test('a message for several notifications names what they share, and never the session id', () => {
  const sent = [
    notification('04l5e00000QrSt3', record({ Name: 'Acme' })),
    notification('04l5e00000QrSt4', record({ Name: 'Beta' }, '0015e00000UvWx5')),
  ]
  const { body, properties } = compose(sent)
  assert.equal(body.match(/<Notification>/g)?.length, 2)
  assert.doesNotMatch(body, /SECRET/)
  assert.deepEqual(properties, {
    OrganizationId: '00D5e000000Abc1EAC',
    ActionId: '04k5e000000Xy2zAAC',
    NotificationCount: '2',
    ObjectType: 'Account',
    PartnerUrl: 'https://a.example/u',
    ReceivedAt: '2025-12-05T12:00:00.000Z',
  })
})
