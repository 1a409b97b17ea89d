import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { EnvelopeError } from './envelope-error.ts'
import { readEnvelope } from './read-envelope.ts'

const sample = readFileSync(
  new URL('../../test/wire/samples/as-salesforce-sends/message.xml', import.meta.url),
)

/** Whether it was read; anything thrown but an `EnvelopeError` fails the test. */
function isRead(message: string | Uint8Array): boolean {
  try {
    readEnvelope(message)
    return true
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error))
    assert.ok(error.message.length < 500, 'a message quotes too much')
    return false
  }
}

test('whatever bytes come, they are read or refused with a code', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => !isRead(bytes)))
  fc.assert(fc.property(fc.string(), (text) => !isRead(text)))
})

test('a message with bytes changed, lost or doubled is read or refused with a code', () => {
  const edit = fc.record({
    at: fc.nat(sample.length - 1),
    lost: fc.nat(40),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc
        .constantFrom('<', '>', '&', '</', '<a>', '<!DOCTYPE a>', '<![CDATA[', ']]>', 'xmlns=""')
        .map((text) => Buffer.from(text)),
      fc.nat(sample.length - 1).map((from) => sample.subarray(from, from + 60)),
    ),
  })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      let message: Buffer = sample
      for (const { at, lost, put } of edits) {
        message = Buffer.concat([message.subarray(0, at), put, message.subarray(at + lost)])
      }
      isRead(message)
    }),
    { numRuns: 500 },
  )
})

test('no part of a message is taken for the whole', () => {
  for (let end = 0; end < sample.length; end += 1)
    assert.equal(isRead(sample.subarray(0, end)), false)
  assert.equal(isRead(sample), true)
})

test('a refusal never quotes the session id', () => {
  const secret = '00D5e000000Abc1!AQEAQsecret'
  const text = sample
    .toString('utf8')
    .replace('<SessionId xsi:nil="true"/>', `<SessionId>${secret}</SessionId>`)
  for (const broken of [
    text.slice(0, -30),
    text.replace('<ActionId>', '<ActionId>-'),
    `${text}x`,
  ]) {
    assert.throws(
      () => readEnvelope(broken),
      (error) => error instanceof EnvelopeError && !error.message.includes('secret'),
    )
  }
})

test('large and hostile documents are refused in little work', () => {
  const many = '<a/>'.repeat(50_000)
  const text = sample.toString('utf8')
  assert.equal(isRead(text.replace('<sf:Id>', `<x xmlns="urn:x">${many}</x><sf:Id>`)), true)
  assert.equal(isRead('<a>'.repeat(100_000)), false)
  assert.equal(isRead(' '.repeat(1_000_000)), false)
  assert.equal(isRead(`<a ${'b="" '.repeat(10_000)}/>`), false)
})
