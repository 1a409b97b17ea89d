import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRecordId } from '../../schema/record-id.ts'
import type { Envelope, SObjectField } from '../envelope.ts'
import type { FieldList, ListedField } from '../field-list/field-list.ts'
import { writeDjMessage } from './write-dj-message.ts'
import { writeMessageJson } from './write-message-json.ts'

const sent = (name: string, value: string): SObjectField => ({ name, value, nil: false })

function bodyWith(fields: readonly SObjectField[]): string {
  const envelope: Envelope = {
    organizationId: parseRecordId('00D5e000000Abc1'),
    actionId: parseRecordId('04k5e000000Xy2z'),
    sessionId: null,
    enterpriseUrl: null,
    partnerUrl: 'https://a.example/u',
    notifications: [
      {
        notificationId: parseRecordId('04l5e00000QrSt3'),
        sObject: { type: 'Account', recordId: parseRecordId('0015e00000UvWx4'), fields },
      },
      { notificationId: parseRecordId('04l5e00000QrSt4'), sObject: null },
    ],
  }
  return writeDjMessage(envelope, envelope.notifications)
}

const list = (...fields: readonly ListedField[]): FieldList => ({
  objectName: 'Account',
  actionId: null,
  fields,
})

const json = (
  fields: readonly SObjectField[],
  { typed = false, fieldLists = [] as readonly FieldList[] } = {},
) =>
  writeMessageJson(
    { name: 'msg1', body: bodyWith(fields), properties: { ActionId: '04k' } },
    { typed, fieldLists },
  )

test('an outbound message in JSON has Salesforce’s names; nil is null, and empty is an empty text', () => {
  const fields = [
    sent('Name', 'R&D "x"\n'),
    { name: 'Fax', value: '', nil: true },
    sent('Site', ''),
  ]
  assert.equal(
    json(fields),
    '{"name":"msg1","properties":{"ActionId":"04k"},"notifications":{"OrganizationId":"00D5e000000Abc1EAC",' +
      '"ActionId":"04k5e000000Xy2zAAC","EnterpriseUrl":null,"PartnerUrl":"https://a.example/u","Notification":[' +
      '{"Id":"04l5e00000QrSt3AAF","sObject":{"attributes":{"type":"Account"},"Id":"0015e00000UvWx4AAF",' +
      '"Name":"R&D \\"x\\"\\n","Fax":null,"Site":""}},{"Id":"04l5e00000QrSt4AAM","sObject":null}]}}'.replace(
        '04l5e00000QrSt4AAM',
        parseRecordId('04l5e00000QrSt4'),
      ),
  )
})

test('bug 5, numbers coerced: every value is the text that was sent, unless types are asked for', () => {
  const values = ['01234', '1E3', '0x10', '1.10', ' a ', 'true', '12345678901234567890.10', 'null']
  const fields = values.map((value, index) => sent(`F${index}`, value))
  const types = list(...fields.map(({ name }) => ({ name, type: 'double' })))
  const record = JSON.parse(json(fields, { fieldLists: [types] })).notifications.Notification[0]
    .sObject
  assert.deepEqual(
    fields.map(({ name }) => record[name]),
    values,
  )
})

test('typed numbers keep each digit that was sent; what is no number in JSON stays a text', () => {
  const fields = [
    sent('A', '12345678901234567890.10'),
    sent('B', '1.39E8'),
    sent('C', '-0.0'),
    sent('D', '007'),
    sent('E', 'NaN'),
    sent('F', ''),
    sent('G', '1,2'),
  ]
  const fieldLists = [list(...fields.map(({ name }) => ({ name, type: 'double' })))]
  assert.match(
    json(fields, { typed: true, fieldLists }),
    /"A":12345678901234567890\.10,"B":1\.39E8,"C":-0\.0,"D":"007","E":"NaN","F":"","G":"1,2"\}/,
  )
})

test('only fields with a known type are typed: an id or a zip code of digits is never a number', () => {
  const fields = [
    sent('Active', 'true'),
    sent('Count', '5'),
    sent('Id2', '001500000000001'),
    sent('Open', '0'),
    sent('Unlisted', '1'),
    sent('Zip', '01234'),
  ]
  const fieldLists = [
    list(
      { name: 'Active', type: 'boolean' },
      { name: 'Count', type: 'int' },
      { name: 'Id2', type: 'ID' },
      { name: 'Open', type: 'boolean' },
      { name: 'Zip', type: 'string' },
    ),
  ]
  assert.match(
    json(fields, { typed: true, fieldLists }),
    /"Active":true,"Count":5,"Id2":"001500000000001","Open":false,"Unlisted":"1","Zip":"01234"\}/,
  )
  assert.match(json(fields, { typed: true, fieldLists: [] }), /"Active":"true","Count":"5"/)
})

test('names that mean something to JavaScript are names like others', () => {
  const text = json([sent('__proto__', 'x'), sent('constructor', 'y'), sent('toJSON', 'z')])
  assert.match(text, /"__proto__":"x","constructor":"y","toJSON":"z"/)
})

test('a body that is no outbound message’s is a text, whatever it holds', () => {
  const bodies = [
    '{"a":1}',
    '',
    '<a>1</a>',
    bodyWith([]).slice(0, -5),
    '<!DOCTYPE a><a/>',
    '\u2028',
  ]
  for (const body of bodies) {
    const text = writeMessageJson(
      { name: 'n', body, properties: {} },
      { typed: true, fieldLists: [] },
    )
    assert.deepEqual(JSON.parse(text), { name: 'n', properties: {}, body })
  }
})
