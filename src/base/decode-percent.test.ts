import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodePercent } from './decode-percent.ts'

test('percent-encoded names read as people wrote them', () => {
  assert.equal(decodePercent('Close%3A 50%25 %E2%80%93 won%2e'), 'Close: 50% – won.')
})

test('what is no encoding stays as written', () => {
  for (const text of ['100%', '%E4', '%zz', '%', 'a%E2%80 b', '']) {
    assert.equal(decodePercent(text), text)
  }
})
