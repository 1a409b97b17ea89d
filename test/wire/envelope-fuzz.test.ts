import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRecordId } from '../../src/schema/record-id.ts'
import type { Envelope } from '../../src/wire/envelope.ts'
import { EnvelopeError } from '../../src/wire/envelope-error.ts'
import { openEnvelopeReader } from '../../src/wire/read-envelope.ts'
import { readWithDom } from '../support/dom-envelope.ts'

/**
 * The same cases with every test. More and others: `OBM_FUZZ_RUNS=100000 npm test -- test/wire/envelope-fuzz.test.ts`.
 */
const asked = process.env['OBM_FUZZ_RUNS']
const numRuns = Number(asked ?? 200)
const seed = asked === undefined ? { seed: 20_261_124 } : {}

const sample = readFileSync(new URL('samples/as-salesforce-sends/message.xml', import.meta.url))

/** Read in the given pieces. Null: refused with a code; anything else that is thrown fails the test. */
function read(bytes: Uint8Array, cuts: readonly number[]): Envelope | null {
  const reader = openEnvelopeReader()
  try {
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const length = cuts[turn % cuts.length] ?? bytes.length
      reader.write(bytes.subarray(at, at + length))
      at += length
    }
    return reader.end()
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error))
    assert.ok(error.message.length < 500, 'a message quotes too much')
    return null
  }
}

/** What another reader must agree on. */
function factsOf(envelope: Envelope) {
  return envelope.notifications.map(({ notificationId, sObject }) => ({
    id: notificationId,
    fields: (sObject?.fields ?? []).map(({ name, value, nil }) => ({ name, value, nil })),
  }))
}

function agree(envelope: Envelope, text: string): void {
  const dom = readWithDom(text).map(({ id, fields }) => ({ id: parseRecordId(id), fields }))
  const ours = factsOf(envelope)
  const unpadded = dom.map((each) => ({
    ...each,
    fields: each.fields.map((field) => (field.nil ? { ...field, value: '' } : field)),
  }))
  assert.deepEqual(ours, unpadded)
}

const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 4 })

/** Characters that XML can hold; a carriage return has to be written as a reference. */
const value = fc
  .string({ unit: 'binary', maxLength: 30 })
  .map((text) => text.replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '€'))

const field = fc.record({
  value,
  nil: fc.boolean(),
  style: fc.constantFrom('text', 'cdata', 'references', 'broken up'),
})

const NAMES = ['Name', 'X__c', 'a.b-c', 'Ä', '__proto__', 'constructor', 'ns__F__c', 'toString']

function written({ value: text, style }: { value: string; style: string }): string {
  const escaped = text.replace(/[&<>\r]/g, (char) => `&#${char.charCodeAt(0)};`)
  switch (style) {
    case 'cdata':
      return text.includes(']]>') || text.includes('\r') ? escaped : `<![CDATA[${text}]]>`
    case 'references':
      return [...text].map((char) => `&#x${char.codePointAt(0)?.toString(16)};`).join('')
    case 'broken up':
      return `${escaped.replaceAll(' ', '<!-- a --> <?b c?>')}<!-- d -->`
    default:
      return escaped
  }
}

test('what was written in any form is read to the last character, wherever the bytes are cut', () => {
  const message = fc.record({
    records: fc.array(fc.array(field, { maxLength: NAMES.length }), { minLength: 1, maxLength: 4 }),
    prefix: fc.constantFrom('sf', 'x', 'a1', 'soapenv2'),
    space: fc.constantFrom('', ' ', '\n\t', '<!-- c -->'),
    encoding: fc.constantFrom<BufferEncoding>('utf8', 'utf16le'),
    mark: fc.constantFrom('', '\uFEFF', ' \n'),
    cuts,
  })
  fc.assert(
    fc.property(message, ({ records, prefix, space, encoding, mark, cuts: lengths }) => {
      const expected = records.map((fields, index) => ({
        id: parseRecordId(`04l${String(index).padStart(12, '0')}`),
        fields: fields.map((each, at) => ({
          name: NAMES[at] ?? '',
          value: each.nil ? '' : each.value,
          nil: each.nil,
        })),
      }))
      const notifications = records.map((fields, index) => {
        const elements = fields.map((each, at) =>
          each.nil
            ? `<${prefix}:${NAMES[at]} i:nil="1"/>`
            : `<${prefix}:${NAMES[at]}>${written(each)}</${prefix}:${NAMES[at]}>`,
        )
        return `<o:Notification>${space}<o:Id>${expected[index]?.id}</o:Id><o:sObject xmlns:${prefix}="urn:sobject.enterprise.soap.sforce.com" i:type="${prefix}:Account">${elements.join(space)}</o:sObject></o:Notification>`
      })
      const text = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">${space}<e:Body><o:notifications xmlns:o="http://soap.sforce.com/2005/09/outbound"><o:OrganizationId>00D5e000000Abc1</o:OrganizationId>${space}<o:ActionId>04k5e000000Xy2z</o:ActionId>${notifications.join(space)}</o:notifications></e:Body></e:Envelope>`
      const envelope = read(Buffer.from(mark + text, encoding), lengths)
      assert.ok(envelope, 'it was refused')
      assert.deepEqual(factsOf(envelope), expected)
      agree(envelope, text)
    }),
    { numRuns, ...seed },
  )
})

test('a message that was damaged is refused with a code, or read as another reader reads it', () => {
  const edit = fc.record({
    at: fc.nat(sample.length - 1),
    lost: fc.nat(30),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc
        .constantFrom(
          '<',
          '>',
          '&amp;',
          '&#x1F600;',
          '<a/>',
          '<!-- -->',
          '<![CDATA[x]]>',
          'xsi:nil="true"',
          ' ',
        )
        .map((text) => Buffer.from(text)),
      fc.nat(sample.length - 1).map((from) => sample.subarray(from, from + 60)),
    ),
  })
  let readCount = 0
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), cuts, (edits, lengths) => {
      let message: Buffer = sample
      for (const { at, lost, put } of edits) {
        message = Buffer.concat([message.subarray(0, at), put, message.subarray(at + lost)])
      }
      const whole = read(message, [message.length])
      assert.deepEqual(read(message, lengths), whole, 'the cuts made a difference')
      if (!whole) return
      readCount += 1
      agree(whole, message.toString('utf8'))
    }),
    { numRuns: numRuns * 3, ...seed },
  )
  assert.ok(readCount > 0, 'none of the damaged messages could be read')
})

test('whatever bytes come, in whatever pieces, they are read or refused with a code', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text, 'utf16le')),
  )
  fc.assert(
    fc.property(anything, cuts, (bytes, lengths) => {
      assert.equal(read(bytes, lengths), null)
    }),
    { numRuns, ...seed },
  )
})
