import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryAfterMs } from './retry-after.ts'

test('a listener asks for a pause in seconds, or with a date that its own clock tells', () => {
  const date = 'Mon, 02 Mar 2026 12:00:00 GMT'
  const asked = (value: string) =>
    retryAfterMs(
      new Map([
        ['retry-after', value],
        ['date', date],
      ]),
    )

  assert.equal(asked('120'), 120_000)
  assert.equal(asked(' 0 '), 0)
  assert.equal(asked('Mon, 02 Mar 2026 12:00:30 GMT'), 30_000)
  assert.equal(asked('Mon, 02 Mar 2026 11:00:00 GMT'), 0)
})

test('what cannot be read is as if it had not been said', () => {
  assert.equal(retryAfterMs(new Map()), null)
  for (const value of ['', 'soon', '-5', '1e9', '99999999999999']) {
    assert.equal(retryAfterMs(new Map([['retry-after', value]])), null, value)
  }
  assert.equal(retryAfterMs(new Map([['retry-after', 'Mon, 02 Mar 2026 12:00:30 GMT']])), null)
})
