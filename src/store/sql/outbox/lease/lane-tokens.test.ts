import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NOON } from '../../../../../test/support/test-clock.ts'
import { takeTokens, tokensLeft } from './lane-tokens.ts'

test('a lane that was idle has a tenth of a second’s messages, and one at least', () => {
  const left = (rateMilli: number) => tokensLeft({ rateMilli, pacedUntil: 0 }, NOON)

  assert.deepEqual([1_000_000, 100_000, 2000, 10].map(left), [100, 10, 1, 1])
})

test('two messages a second go half a second apart', () => {
  const first = takeTokens({ rateMilli: 2000, pacedUntil: 0 }, 1, NOON)
  assert.equal(first.limitedUntil, NOON + 500)

  const lane = { rateMilli: 2000, pacedUntil: first.pacedUntil }
  assert.equal(tokensLeft(lane, NOON + 499), 0)
  assert.equal(tokensLeft(lane, NOON + 500), 1)
  assert.equal(tokensLeft(lane, NOON + 60_000), 1, 'what was not used is not saved up')
})

test('whenever one looks, no more go than the rate allows beyond the bucket, and no fewer by a second', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 1_000_000 }),
      fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 60 }),
      (rateMilli, waits) => {
        let lane = { rateMilli, pacedUntil: 0 }
        let now = NOON
        let sent = 0
        for (const wait of waits) {
          now += wait
          const count = tokensLeft(lane, now)
          sent += count
          const taken = takeTokens(lane, count, now)
          lane = { rateMilli, pacedUntil: taken.pacedUntil }
          assert.equal(tokensLeft(lane, taken.limitedUntil), 1)
          assert.ok(taken.limitedUntil <= now || tokensLeft(lane, taken.limitedUntil - 1) === 0)
        }
        const perMs = rateMilli / 1_000_000
        assert.ok(sent <= (now - NOON) * perMs + Math.max(1, 100 * perMs) + 1e-6, `${sent} sent`)
      },
    ),
  )
})
