import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import type { FieldValues } from '../schema/field-value.ts'
import type { FieldDefinition, FieldType } from '../schema/object-definition.ts'
import { makeRecordId, parseRecordId, shortId } from '../schema/record-id.ts'
import { javaDouble } from './java-double.ts'
import { readEnvelope } from './read-envelope.ts'
import { compileEnvelopeWriter, type EnvelopeToSend } from './write-envelope.ts'

const organizationId = parseRecordId('00D5e000000Abc1')
const host = 'https://acme.my.salesforce.com/services/Soap'

function field(name: string, type: FieldType): FieldDefinition {
  return { name, label: name, type }
}

function toSend(values: FieldValues | null, sessionId: string | null = null): EnvelopeToSend {
  return {
    organizationId,
    actionId: parseRecordId('04k5e000000Xy2z'),
    sessionId,
    enterpriseUrl: `${host}/c/60.0/${shortId(organizationId)}`,
    partnerUrl: `${host}/u/60.0/${shortId(organizationId)}`,
    notifications: [
      {
        notificationId: parseRecordId('04l5e00000QrSt3'),
        recordId: parseRecordId('0035e00000AAbb5'),
        values,
      },
    ],
  }
}

/** The lines inside sObject, unindented. */
function fieldLines(fields: readonly FieldDefinition[], values: FieldValues | null): string[] {
  const text = compileEnvelopeWriter({ objectName: 'Contact', fields })(toSend(values))
  return text.split('\n').flatMap((line) => (line.startsWith('     <sf:') ? [line.trim()] : []))
}

test('a message is written byte for byte as Salesforce writes it', () => {
  const fields = [
    field('Regions__c', 'multipicklist'),
    field('AnnualRevenue', 'currency'),
    field('IsVip__c', 'boolean'),
    field('AccountId', 'reference'),
    field('Account_Source__c', 'picklist'),
    field('LastModifiedDate', 'datetime'),
    field('BirthDay__c', 'date'),
    field('Ratio__c', 'percent'),
    field('Employees__c', 'int'),
    field('Id', 'id'),
    field('Fax', 'phone'),
  ]
  const text = compileEnvelopeWriter({ objectName: 'Contact', fields })(
    toSend({
      AccountId: '0015e00000UvWx4AAF',
      Account_Source__c: 'Web',
      AnnualRevenue: '139000000',
      BirthDay__c: '2017-04-03',
      Employees__c: '5000',
      Fax: null,
      Id: '0035e00000AAbb5AAD',
      IsVip__c: true,
      LastModifiedDate: '2026-09-08T23:40:33.000Z',
      Ratio__c: '0.0001',
      Regions__c: 'North;South',
    }),
  )
  const sample = new URL('../../test/wire/samples/as-salesforce-sends/message.xml', import.meta.url)
  assert.equal(text, readFileSync(sample, 'utf8'))
})

test('fields stand in ASCII order after the id, whatever order they were chosen in', () => {
  const names = [
    'acme__Ext__c',
    'ShippingCity',
    'SLA__c',
    'Use_It__c',
    'Account_Source__c',
    'AccountId',
  ]
  const values = Object.fromEntries(names.map((name) => [name, 'x']))
  assert.deepEqual(
    fieldLines(
      names.map((name) => field(name, 'string')),
      values,
    ).map((line) => line.slice(4, line.indexOf('>'))),
    ['Id', 'AccountId', 'Account_Source__c', 'SLA__c', 'ShippingCity', 'Use_It__c', 'acme__Ext__c'],
  )
})

test('a null is left out, a false and a zero are not', () => {
  const fields = [
    field('A', 'string'),
    field('B', 'boolean'),
    field('C', 'double'),
    field('D', 'int'),
  ]
  assert.deepEqual(fieldLines(fields, { A: null, B: false, C: '0', D: '0' }), [
    '<sf:Id>0035e00000AAbb5AAD</sf:Id>',
    '<sf:B>false</sf:B>',
    '<sf:C>0.0</sf:C>',
    '<sf:D>0</sf:D>',
  ])
})

test('a record deleted before sending is sent as its id alone', () => {
  assert.deepEqual(fieldLines([field('Name', 'string')], null), [
    '<sf:Id>0035e00000AAbb5AAD</sf:Id>',
  ])
})

test('text is escaped, double quotes too, and what XML cannot hold is replaced', () => {
  const [, line] = fieldLines([field('Html__c', 'textarea')], {
    Html__c: '<a href="x">R&amp;D</a>\u0000\uD800',
  })
  assert.equal(
    line,
    '<sf:Html__c>&lt;a href=&quot;x&quot;&gt;R&amp;amp;D&lt;/a&gt;\uFFFD\uFFFD</sf:Html__c>',
  )
})

test('a session id is written where the org still sends it', () => {
  const write = compileEnvelopeWriter({ objectName: 'Contact', fields: [] })
  assert.match(write(toSend({}, '00D!AQ"x')), /\n {3}<SessionId>00D!AQ&quot;x<\/SessionId>\n/)
  assert.match(write(toSend({})), /\n {3}<SessionId xsi:nil="true"\/>\n/)
})

const anyText = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed())
const anyRecord = fc.record({
  Name: fc.option(anyText),
  Note__c: fc.option(fc.string({ minLength: 1, maxLength: 40 })),
  IsVip__c: fc.boolean(),
  Amount__c: fc.option(fc.integer().map((cents) => String(cents / 100))),
})
const FIELDS = [
  field('Name', 'string'),
  field('Note__c', 'textarea'),
  field('IsVip__c', 'boolean'),
  field('Amount__c', 'currency'),
]

/** What the listener must find for the values: nulls left out, ASCII order. */
function expectedFields(values: FieldValues | null) {
  const shown = (name: string, value: string | boolean) => {
    if (name === 'Amount__c') return javaDouble(String(value))
    return String(value).replaceAll(/[^\t\n\r\x20-\uFFFD]/g, '\uFFFD')
  }
  return Object.entries(values ?? {})
    .flatMap(([name, value]) =>
      value === null ? [] : [{ name, value: shown(name, value), nil: false }],
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

test('what is written is read back exactly', () => {
  const write = compileEnvelopeWriter({ objectName: 'Deal__c', fields: FIELDS })
  const records = fc.array(fc.option(anyRecord), { minLength: 1, maxLength: 100 })
  fc.assert(
    fc.property(records, fc.option(fc.stringMatching(/^00D[!-~]{1,60}$/)), (values, sessionId) => {
      const sent: EnvelopeToSend = {
        ...toSend(null, sessionId),
        notifications: values.map((each, index) => ({
          notificationId: makeRecordId('04l', index),
          recordId: makeRecordId('a00', index),
          values: each,
        })),
      }
      assert.deepEqual(readEnvelope(Buffer.from(write(sent))), {
        ...sent,
        notifications: sent.notifications.map(({ notificationId, recordId, values: each }) => ({
          notificationId,
          sObject: { type: 'Deal__c', recordId, fields: expectedFields(each) },
        })),
      })
    }),
    { numRuns: 60 },
  )
})

/** Values of one type of any kind, and what a reader finds of them. */
const TYPED: Readonly<Record<string, fc.Arbitrary<string | boolean>>> = {
  string: fc.string({ unit: 'binary', minLength: 1 }),
  textarea: fc
    .array(fc.constantFrom('\r', '\n', '\t', "'", ']]>', '&amp;', '<b>', '\uFFFE', '\uD83D', 'é'), {
      minLength: 1,
    })
    .map((each) => each.join('')),
  double: fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => new Decimal(value).toFixed()),
  int: fc.integer().map(String),
  boolean: fc.boolean(),
}

/** Text as it arrives: what XML 1.0 cannot hold is replaced, and nothing else is changed. */
function arrived(text: string): string {
  return text.replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}

/** Each field's text as saxes reads it, a parser that knows nothing of messages. */
function readBySaxes(message: string): Map<string, string> {
  const read = new Map<string, string>()
  const parser = new SaxesParser({ xmlns: true })
  let text = ''
  parser.on('opentag', () => {
    text = ''
  })
  parser.on('text', (piece) => {
    text += piece
  })
  parser.on('closetag', ({ prefix, local }) => {
    if (prefix === 'sf' && local !== 'Id') read.set(local, text)
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(message).close()
  return read
}

test('any value of any type is read back the same by a parser that is not ours', () => {
  const types = Object.keys(TYPED) as FieldType[]
  const fields = types.map((type) => field(`${type}__c`, type))
  const write = compileEnvelopeWriter({ objectName: 'Deal__c', fields })
  const record = fc.record(
    Object.fromEntries(types.map((type) => [type, TYPED[type] ?? fc.boolean()])),
  )
  fc.assert(
    fc.property(record, (values) => {
      const named = Object.entries(values).map(([type, value]) => [`${type}__c`, value] as const)
      const read = readBySaxes(write(toSend(Object.fromEntries(named))))
      const expected = named.map(([name, value]) => {
        if (name === 'double__c') return [name, javaDouble(String(value))] as const
        return [name, arrived(String(value))] as const
      })
      assert.deepEqual([...read].sort(), expected.toSorted())
      assert.equal(Number(read.get('double__c')), Number(values['double']))
    }),
  )
})

test('an object of 195 fields is sent in the order of their bytes', () => {
  const names = Array.from({ length: 195 }, (_, index) => {
    const start = ['a', 'Z', 'B_', 'Ba', 'acme__', 'X9', 'x'][index % 7] ?? ''
    return `${start}${(index * 7919) % 1000}__c`
  })
  const fields = names.map((name) => field(name, 'string'))
  const values = Object.fromEntries(names.map((name) => [name, name]))
  const lines = fieldLines(fields, values).slice(1)

  const inBytes = names.toSorted((one, other) =>
    Buffer.compare(Buffer.from(one), Buffer.from(other)),
  )
  assert.deepEqual(
    lines,
    inBytes.map((name) => `<sf:${name}>${name}</sf:${name}>`),
  )
})
