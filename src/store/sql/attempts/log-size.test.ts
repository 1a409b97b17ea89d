import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR_MS, MINUTE_MS } from '../../../base/clock.ts'
import { timedIdsFrom } from '../../../base/timed-id.ts'
import { BUCKET_DIGITS, type Bucket, openLogSize, overfullOf } from './log-size.ts'

const NO_BOUNDS = { attemptsBefore: 0, attemptsMax: 1e9, attemptsBytesMax: 1e12 }

function bucketOf(at: number): string {
  return timedIdsFrom(at).slice(0, BUCKET_DIGITS)
}

/** A log of attempts of 1 KB at those times, which counts how many of them were added up. */
function logOf(times: number[]) {
  const log = { times, addedUp: 0 }
  const size = openLogSize(async (from) => {
    const buckets = Map.groupBy(
      log.times.filter((at) => bucketOf(at) >= from),
      bucketOf,
    )
    const sums = [...buckets].map(([bucket, { length }]): Bucket => {
      log.addedUp += length
      return { bucket, attempts: length, bytes: length * 1000 }
    })
    return sums.sort((one, other) => (one.bucket < other.bucket ? 1 : -1))
  })
  return { log, size }
}

/** One attempt a minute for so long. */
function everyMinute(minutes: number, from = 0): number[] {
  return Array.from({ length: minutes }, (_, minute) => from + minute * MINUTE_MS)
}

test('a look adds up what may have come since the look before, and comes to the same', async () => {
  const { log, size } = logOf(everyMinute(10_000))
  await size()
  log.times.push(...everyMinute(5, 10_000 * MINUTE_MS))
  log.addedUp = 0

  const again = await size()

  assert.ok(log.addedUp <= 25, `${log.addedUp} of ${log.times.length}`)
  assert.deepEqual(again, await logOf(log.times).size())
})

test('what another process ended meanwhile moves no bound', async () => {
  const { log, size } = logOf(everyMinute(1000))
  const bounds = { ...NO_BOUNDS, attemptsMax: 400 }
  const before = overfullOf(await size(), bounds)
  log.times = log.times.filter((at) => bucketOf(at) >= (before?.bucket ?? ''))

  assert.deepEqual(overfullOf(await size(), bounds), before)
})

test('what a machine wrote whose clock is behind is added up within the hour', async () => {
  const { log, size } = logOf(everyMinute(1000))
  await size()
  log.times.push(3 * HOUR_MS, 3 * HOUR_MS + 1)

  for (let look = 0; look < 60; look += 1) await size()

  const sums = await size()
  assert.equal(
    sums.reduce((sum, { attempts }) => sum + attempts, 0),
    1002,
  )
})

test('the bucket that goes beyond a bound is named with what of it may stay', () => {
  const buckets = ['00000c', '00000b', '00000a'].map((bucket) => ({
    bucket,
    attempts: 10,
    bytes: 500,
  }))

  assert.equal(overfullOf(buckets, NO_BOUNDS), null)
  assert.deepEqual(overfullOf(buckets, { ...NO_BOUNDS, attemptsMax: 25 }), {
    bucket: '00000a',
    attemptsLeft: 5,
    bytesLeft: 1e12 - 1000,
  })
  assert.equal(overfullOf(buckets, { ...NO_BOUNDS, attemptsBytesMax: 900 })?.bucket, '00000b')
  const old = { ...NO_BOUNDS, attemptsMax: 25, attemptsBefore: Number.parseInt('00000b000', 36) }
  assert.equal(overfullOf(buckets, old), null, 'it ends for its age')
})
