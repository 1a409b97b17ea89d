import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bounded } from '../../../test/support/bounded.ts'
import {
  checkbox,
  currency,
  double,
  field,
  int,
  picklist,
  reference,
  text,
  textArea,
} from '../../schema/define-field.ts'
import type { FieldDefinition } from '../../schema/object-definition.ts'
import { coerceValue } from './coerce-value.ts'

function kept(definition: FieldDefinition, raw: unknown): unknown {
  const coerced = coerceValue(definition, raw)
  return coerced.kind === 'value' ? coerced.value : coerced.error.statusCode
}

test('nothing, an empty text and blanks alone are null, but false in a checkbox', () => {
  for (const raw of [null, undefined, '', '  \r\n ']) {
    assert.equal(kept(text('T', 10), raw), null)
    assert.equal(kept(currency('C', 2), raw), null)
    assert.equal(kept(checkbox('B'), raw), false)
  }
})

test('numbers are exact, whether they come as numbers or as text, and rounded half up', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [1000, '1000'],
    ['1000', '1000'],
    [' 12.50 ', '12.5'],
    [0.1, '0.1'],
    ['1.005', '1.01'],
    ['-1.005', '-1.01'],
    ['-0.001', '0'],
    ['1e3', '1000'],
    ['.5', '0.5'],
    ['9999999999999999.99', '9999999999999999.99'],
    ['10000000000000000', 'NUMBER_OUTSIDE_VALID_RANGE'],
    ['9999999999999999.995', 'NUMBER_OUTSIDE_VALID_RANGE'],
    ['1e999', 'NUMBER_OUTSIDE_VALID_RANGE'],
    ['1,000', 'JSON_PARSER_ERROR'],
    ['0x10', 'JSON_PARSER_ERROR'],
    ['Infinity', 'JSON_PARSER_ERROR'],
    [true, 'JSON_PARSER_ERROR'],
    [{}, 'JSON_PARSER_ERROR'],
    ['9'.repeat(101), 'JSON_PARSER_ERROR'],
  ]
  for (const [raw, wanted] of cases) assert.equal(kept(currency('C', 2), raw), wanted, String(raw))
  assert.equal(kept(int('N', 9), '12'), '12')
  assert.equal(kept(int('N', 9), 12.5), 'JSON_PARSER_ERROR')
  assert.equal(kept(int('N', 9), 2_147_483_648), 'NUMBER_OUTSIDE_VALID_RANGE')
})

test('a kept number is canonical: coercing it again changes nothing', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), (number) => {
      const once = kept(double('D', 4), number)
      assert.match(String(once), /^-?(0|[1-9]\d*)(\.\d{0,3}[1-9])?$/)
      assert.equal(kept(double('D', 4), once), once)
    }),
  )
})

test('dates must exist; moments come in any zone and are kept in UTC, in whole seconds', () => {
  const [date, moment, time] = [field('D', 'date'), field('M', 'datetime'), field('T', 'time')]
  assert.equal(kept(date, '2024-02-29'), '2024-02-29')
  assert.equal(kept(date, '2023-02-29'), 'JSON_PARSER_ERROR')
  assert.equal(kept(date, '1699-12-31'), 'JSON_PARSER_ERROR')
  assert.equal(kept(date, 20240229), 'JSON_PARSER_ERROR')
  assert.equal(kept(moment, '2026-03-01T00:30:15.987+02:00'), '2026-02-28T22:30:15.000Z')
  assert.equal(kept(moment, '2026-03-01T00:30:15.000+0000'), '2026-03-01T00:30:15.000Z')
  assert.equal(kept(moment, '2026-03-01T00:30Z'), '2026-03-01T00:30:00.000Z')
  assert.equal(kept(moment, '2026-03-01'), '2026-03-01T00:00:00.000Z')
  assert.equal(kept(moment, '2026-03-01T24:00:00Z'), 'JSON_PARSER_ERROR')
  assert.equal(kept(time, '09:05'), '09:05:00.000Z')
  assert.equal(kept(time, '09:05:06.7Z'), '09:05:06.700Z')
  assert.equal(kept(time, '25:00'), 'JSON_PARSER_ERROR')
})

test('checkboxes take true and false in every dress that clients send', () => {
  const yes = [true, 'true', 'TRUE', '1', 1]
  const no = [false, 'false', '0', 0, ' ']
  assert.deepEqual(
    yes.map((raw) => kept(checkbox('B'), raw)),
    yes.map(() => true),
  )
  assert.deepEqual(
    no.map((raw) => kept(checkbox('B'), raw)),
    no.map(() => false),
  )
  assert.equal(kept(checkbox('B'), 'yes'), 'JSON_PARSER_ERROR')
})

test('text loses the blanks around it and what no database keeps, and nothing else', () => {
  assert.equal(kept(textArea('T', 99), '  one\r\ntwo\t\n'), 'one\r\ntwo')
  assert.equal(kept(text('T', 99), '\u00a0a\u0000b\ud800'), '\u00a0ab\ufffd')
  assert.equal(kept(text('T', 99), 12.5), '12.5')
  assert.equal(kept(text('T', 3), 'abcd'), 'STRING_TOO_LONG')
  assert.equal(kept(text('T', 3), ['a']), 'JSON_PARSER_ERROR')
})

test('a secret is not shown in the error about it', () => {
  const coerced = coerceValue(text('Password__c', 5, { secret: true }), 'hunter22')
  assert.ok(coerced.kind === 'refused')
  assert.ok(!coerced.error.message.includes('hunter22'))
})

test('picklists keep the spelling of their definition, and refuse strangers only when restricted', () => {
  const loose = picklist('P', 'Red|Light Green')
  const strict = picklist('P', 'Red|Light Green', { restricted: true })
  assert.equal(kept(loose, 'light green'), 'Light Green')
  assert.equal(kept(loose, 'Pink'), 'Pink')
  assert.equal(kept(strict, 'RED'), 'Red')
  assert.equal(kept(strict, 'Pink'), 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST')
  const many = { ...loose, type: 'multipicklist' as const }
  assert.equal(kept(many, 'Pink; light green ;RED;;Red'), 'Red;Light Green;Pink')
})

test('ids get their long form', () => {
  assert.equal(kept(reference('AccountId', ['Account']), '001000000000001'), '001000000000001AAA')
  assert.equal(kept(reference('AccountId', ['Account']), '12'), 'MALFORMED_ID')
})

test('e-mail addresses are told from other texts in linear time', () => {
  const mail = field('E', 'email', { length: 80 })
  assert.equal(kept(mail, 'a.b+c@example.co.uk'), 'a.b+c@example.co.uk')
  for (const wrong of ['a', 'a@b', '@b.c', 'a@b@c.d', 'a b@c.d', 'a@.c', 'a@c.', '"a"@b.c']) {
    assert.equal(kept(mail, wrong), 'INVALID_EMAIL_ADDRESS', wrong)
  }
  const long = `a@${'a-'.repeat(50_000)}.b`
  assert.equal(
    bounded('a long one', () => kept(mail, long)),
    'INVALID_EMAIL_ADDRESS',
  )
})
