import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ApiError } from '../../api-error.ts'
import { parseJsonBody, parseJsonObject } from './json-body.ts'
import { findJsonPlace } from './json-place.ts'

function refusal(text: string | Buffer): ApiError {
  try {
    parseJsonBody(Buffer.from(text))
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error(`was read: ${text}`)
}

test('malformed JSON is refused with the line and column where it stops being JSON', () => {
  const cases: [string, string][] = [
    ['{"Name":}', 'expected value, found "}" at [line:1, column:9]'],
    ['{"Name" "x"}', 'expected :, found "\\"" at [line:1, column:9]'],
    ['{"a":1,}', 'expected name, found "}" at [line:1, column:8]'],
    ['{\n  "a": 1\n  "b": 2}', 'expected , or }, found "\\"" at [line:3, column:3]'],
    ['[1,2', 'expected , or ], found the end at [line:1, column:5]'],
    ['{"a":01}', 'expected , or }, found "1" at [line:1, column:7]'],
    ['{} x', 'expected end, found "x" at [line:1, column:4]'],
    ['{"a":"\\x"}', 'expected value, found "\\"" at [line:1, column:6]'],
    ['nonsense', 'expected value, found "n" at [line:1, column:1]'],
    [' ', 'expected value, found the end at [line:1, column:2]'],
  ]
  for (const [text, message] of cases) {
    const error = refusal(text)
    assert.equal(error.errorCode, 'JSON_PARSER_ERROR')
    assert.equal(error.status, 400)
    assert.equal(error.message, message, text)
  }
})

test('a place is found in every text that is no JSON, and in none that is', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '1',
    '-0.5e3',
    'true',
    'nul',
    ' ',
    '"',
  )
  const soup = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(soup, fc.json(), fc.string()), (text) => {
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      assert.equal(findJsonPlace(text) === null, isJson, text)
    }),
    { numRuns: 500 },
  )
})

test('a megabyte of open brackets is refused at once, and deep JSON as too deep or not at all', () => {
  assert.equal(refusal('['.repeat(1_000_000)).errorCode, 'JSON_PARSER_ERROR')
  const deep = `${'['.repeat(200_000)}1e999${']'.repeat(200_000)}`
  assert.match(refusal(deep).message, /nested too deep/)
})

test('no body, bytes that are no UTF-8 and JSON of another kind are told apart', () => {
  assert.match(refusal('').message, /found none/)
  assert.match(refusal(Buffer.from('{"a":"\xE4"}', 'latin1')).message, /UTF-8/)
  assert.throws(() => parseJsonObject(Buffer.from('[1]'), 'the record'), /found an array/)
  assert.throws(() => parseJsonObject(undefined, 'the record'), /found none/)
})

test('a number that a double would round keeps its digits', () => {
  const sent = '{"a":12345678901234567.89,"b":0.1,"c":12345678901234567,"d":1e400,"e":"1e400"}'

  assert.deepEqual(parseJsonBody(Buffer.from(sent)), {
    a: '12345678901234567.89',
    b: 0.1,
    c: '12345678901234567',
    d: '1e400',
    e: '1e400',
  })
})
