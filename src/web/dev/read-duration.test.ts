import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/clock.ts'
import { readDuration } from './read-duration.ts'

test('days, hours, minutes and seconds are read', () => {
  assert.equal(readDuration('PT24H'), DAY_MS)
  assert.equal(readDuration('P1DT2H30M'), DAY_MS + 2 * HOUR_MS + 30 * MINUTE_MS)
  assert.equal(readDuration('PT1.5S'), 1500)
  assert.equal(readDuration('P7D'), 7 * DAY_MS)
  assert.equal(readDuration('PT90M1S'), 90 * MINUTE_MS + SECOND_MS)
  assert.equal(readDuration('P366D'), 366 * DAY_MS)
  assert.equal(readDuration('PT0S'), 0)
})

test('anything else is refused, and the refusal says what was expected and what came', () => {
  const wrong = [
    ...['', 'P', 'PT', 'P1DT', '24H', 'PT24', 'PT24h', 'P1M', 'P1W', 'P1Y', '-PT1H', 'PT-1H'],
    ...['PT1M1H', 'PT1.5H', 'PT1,5S', 'P1.5D', ' PT1H', 'PT1H\n', 'PT1.2345S', 'P１D'],
    ...['P367D', 'P366DT1S', `P${'9'.repeat(30)}D`, `P${'0'.repeat(100_000)}1D`],
    ...[24, null, undefined, {}, ['PT24H'], true],
  ]
  for (const each of wrong) {
    assert.throws(
      () => readDuration(each),
      (error: Error & { errorCode?: string }) =>
        error.errorCode === 'DURATION_INVALID' &&
        /ISO 8601 .* found /.test(error.message) &&
        error.message.length < 200,
      JSON.stringify(each)?.slice(0, 60),
    )
  }
})
