import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestClock, openTestLog } from '../../../test/support/receiving.ts'
import { MINUTE_MS } from '../../base/clock.ts'
import type { Refusal } from '../../jobs/refusal.ts'
import { type NotedRefusal, openRefusals } from './note-refusals.ts'

const REFUSAL: NotedRefusal = {
  jobConfigId: 'accounts',
  errorCode: 'MALFORMED_XML',
  reason: 'r'.repeat(2_000),
  remoteAddress: '203.0.113.7',
  organizationId: null,
  actionId: null,
  sample: '<no',
}

function setup() {
  const [clock, log] = [openTestClock(), openTestLog()]
  const written: Refusal[] = []
  let isBroken = false
  const write = async (refusal: Refusal) => {
    if (isBroken) throw new Error('the disk is full')
    written.push(refusal)
  }
  const breakIt = (broken: boolean) => {
    isBroken = broken
  }
  return { clock, log, written, breakIt, refusals: openRefusals({ write, clock, log }) }
}

test('a cause is written when it is new, then once a minute with the count of those since', () => {
  const { clock, written, refusals } = setup()
  for (let count = 0; count < 100; count += 1) refusals.note(REFUSAL)
  refusals.note({ ...REFUSAL, jobConfigId: 'cases' })
  assert.deepEqual(
    written.map(({ jobConfigId, count }) => [jobConfigId, count]),
    [
      ['accounts', 1],
      ['cases', 1],
    ],
  )
  assert.equal(written[0]?.reason.length, 1_000)
  clock.advance(MINUTE_MS)
  refusals.note({ ...REFUSAL, sample: '<other' })
  assert.deepEqual([written[2]?.count, written[2]?.sample], [100, '<other'])
})

test('what could not be written is told, and counted the next time', async () => {
  const { clock, log, written, breakIt, refusals } = setup()
  breakIt(true)
  refusals.note(REFUSAL)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(log.lines.at(-1)?.event, 'inbox.refusal_not_kept')
  breakIt(false)
  clock.advance(MINUTE_MS)
  refusals.note(REFUSAL)
  assert.equal(written[0]?.count, 2)
})
