import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRecordId } from '../../schema/record-id.ts'
import { writeWsdl } from '../wsdl.ts'
import { fieldListFor, withNulls } from './field-list.ts'
import { FieldListError, type FieldListHints, readFieldList } from './read-field-list.ts'

const wsdl = writeWsdl({
  messageName: 'Account_to_ERP',
  objectName: 'Account',
  fields: [
    { name: 'Name', label: 'Name', type: 'string' },
    { name: 'AnnualRevenue', label: 'Revenue', type: 'currency' },
    { name: 'Fax', label: 'Fax', type: 'phone' },
    { name: 'Id', label: 'Id', type: 'id' },
  ],
  endpointUrl: 'https://example.com/',
  generatedAt: 0,
})

const workflow = (...messages: readonly (readonly [string, readonly string[]])[]) =>
  `<?xml version="1.0" encoding="UTF-8"?><Workflow xmlns="http://soap.sforce.com/2006/04/metadata">${messages
    .map(
      ([name, fields]) =>
        `<outboundMessages><fullName>${name}</fullName>${fields.map((field) => `<fields>${field}</fields>`).join('')}</outboundMessages>`,
    )
    .join('')}</Workflow>`

function read(text: string, hints: Partial<FieldListHints> = {}) {
  return readFieldList(text, { objectName: null, messageName: null, actionId: null, ...hints })
}

function refusal(text: string, hints: Partial<FieldListHints> = {}): readonly [string, string] {
  try {
    read(text, hints)
  } catch (error) {
    assert.ok(error instanceof FieldListError, String(error))
    return [error.errorCode, error.message]
  }
  assert.fail('it was read')
}

test('an outbound message’s WSDL names its object, and its fields with their types', () => {
  assert.deepEqual(read(wsdl), {
    objectName: 'Account',
    actionId: null,
    fields: [
      { name: 'AnnualRevenue', type: 'double' },
      { name: 'Fax', type: 'string' },
      { name: 'Name', type: 'string' },
    ],
  })
})

test('a workflow file gives names alone, of the outbound message that is named', () => {
  const text = workflow(['To_ERP', ['Name', 'Id', 'Fax']], ['To_Mail', ['Name']])
  const actionId = parseRecordId('04k5e000000Xy2z')
  assert.deepEqual(read(text, { objectName: 'Account', messageName: 'To_ERP', actionId }), {
    objectName: 'Account',
    actionId,
    fields: [
      { name: 'Fax', type: null },
      { name: 'Name', type: null },
    ],
  })
  assert.deepEqual(read(workflow(['Only', []]), { objectName: 'Account' }).fields, [])
})

test('a file that does not tell which fields are sent is refused, and why is said', () => {
  const two = workflow(['To_ERP', ['Name']], ['To_Mail', ['Name']])
  const cases: readonly [string, Partial<FieldListHints>, string, RegExp][] = [
    ['not xml', {}, 'FIELD_LIST_UNREADABLE', /line 1/],
    ['<html/>', {}, 'FIELD_LIST_UNREADABLE', /WSDL or a workflow file, found the element "html"/],
    [two, {}, 'FIELD_LIST_AMBIGUOUS', /name the object/],
    [two, { objectName: 'Account' }, 'FIELD_LIST_AMBIGUOUS', /name one of To_ERP, To_Mail/],
    [
      two,
      { objectName: 'Account', messageName: 'To_X' },
      'FIELD_LIST_UNREADABLE',
      /no outbound message "To_X": it has To_ERP/,
    ],
    [workflow(), { objectName: 'Account' }, 'FIELD_LIST_UNREADABLE', /no outbound message$/],
    [
      workflow(['M', ['Owner.Name']]),
      { objectName: 'Account' },
      'FIELD_LIST_UNREADABLE',
      /"Owner.Name" is no field/,
    ],
    [
      workflow(['M', Array.from({ length: 1_001 }, (_, index) => `F${index}`)]),
      { objectName: 'Account' },
      'FIELD_LIST_UNREADABLE',
      /at most 1000 fields, found 1001/,
    ],
    [wsdl, { objectName: 'Contact' }, 'FIELD_LIST_UNREADABLE', /is of "Account", not of "Contact"/],
    [wsdl.replaceAll('sObject', 'record'), {}, 'FIELD_LIST_UNREADABLE', /no Notification/],
    [
      wsdl.replace('complexType name="Account"', 'complexType name="Other"'),
      {},
      'FIELD_LIST_UNREADABLE',
      /does not describe the type "Account"/,
    ],
    [
      `<!DOCTYPE a [<!ENTITY b "c">]>${wsdl.slice(wsdl.indexOf('<definitions'))}`,
      {},
      'FIELD_LIST_UNREADABLE',
      /DOCTYPE/,
    ],
  ]
  for (const [text, hints, code, message] of cases) {
    const [foundCode, foundMessage] = refusal(text, hints)
    assert.equal(foundCode, code)
    assert.match(foundMessage, message)
  }
})

test('a list for the action goes before one for the object, and one of another action is not taken', () => {
  const [own, other] = [parseRecordId('04k5e000000Xy2z'), parseRecordId('04k5e000000Xy3z')]
  const forAction = read(wsdl, { actionId: own })
  const forObject = read(wsdl)
  const lists = [forObject, forAction]
  assert.equal(fieldListFor(lists, { actionId: own, objectName: 'account' }), forAction)
  assert.equal(fieldListFor(lists, { actionId: other, objectName: 'Account' }), forObject)
  assert.equal(fieldListFor([forAction], { actionId: other, objectName: 'Account' }), null)
  assert.equal(fieldListFor(lists, { actionId: own, objectName: 'Contact' }), null)
})

test('what was chosen and is absent becomes nil; a field that was not chosen makes the list another message’s', () => {
  const record = {
    type: 'Account',
    recordId: parseRecordId('0015e00000UvWx4'),
    fields: [{ name: 'Name', value: 'Acme', nil: false }],
  }
  assert.deepEqual(withNulls(record, read(wsdl))?.fields, [
    { name: 'AnnualRevenue', value: '', nil: true },
    { name: 'Fax', value: '', nil: true },
    { name: 'Name', value: 'Acme', nil: false },
  ])
  const fields = [...record.fields, { name: 'Site', value: '', nil: false }]
  assert.equal(withNulls({ ...record, fields }, read(wsdl)), null)
})
