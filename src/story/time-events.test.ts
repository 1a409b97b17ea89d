import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOON } from '../../test/support/test-clock.ts'
import { timeEntry } from '../../test/support/time-entries.ts'
import { HOUR_MS } from '../base/clock.ts'
import type { TimeEntryView } from '../org/time-queue/time-queue-store.ts'
import { timeEntriesOf, timeEvents } from './time-events.ts'

function view(more: Partial<TimeEntryView> = {}): TimeEntryView {
  return {
    ...timeEntry(),
    attemptAt: NOON,
    attemptCount: 0,
    failureReason: null,
    state: 'pending',
    isLeased: false,
    endedAt: null,
    ...more,
  }
}

const told = (more: Partial<TimeEntryView>, now = NOON) => {
  const entries = timeEntriesOf([view(more)], now)
  return [...timeEvents(entries).map(({ text }) => text), entries[0]?.whyNotYet ?? null]
}

test('a story tells what was put in the time queue, and what became of it', () => {
  const queued = 'time trigger 1 of rule "Remind" was put in the time queue'
  const ended = (more: Partial<TimeEntryView>) => told({ endedAt: NOON, ...more })[1]

  assert.deepEqual(told({ state: 'executed', endedAt: NOON }), [
    queued,
    'time trigger 1 of rule "Remind" was due, and was carried out',
    null,
  ])
  assert.equal(
    ended({ state: 'removed', failureReason: 'the record was deleted' }),
    'time trigger 1 of rule "Remind" was removed from it: the record was deleted',
  )
  assert.equal(
    ended({ state: 'failed', failureReason: 'STRING_TOO_LONG: x' }),
    'time trigger 1 of rule "Remind" was due, and was given up: STRING_TOO_LONG: x',
  )
  const path = { kind: 'flow', flowName: 'Follow_up', pathName: 'Later' } as const
  assert.equal(
    told({ source: path })[0],
    'path "Later" of flow "Follow_up" was put in the time queue',
  )
})

test('what waits says for what', () => {
  const whyNot = (more: Partial<TimeEntryView>, now = NOON) => told(more, now).at(-1)

  assert.equal(whyNot({}, NOON - HOUR_MS), 'It is due at 2026-03-02T12:00:00.000Z.')
  assert.equal(whyNot({}), 'It is due, and goes with the next turn of the time queue.')
  assert.equal(whyNot({ isLeased: true }), 'It is being carried out now.')
  assert.equal(
    whyNot({ failureReason: 'its rule is gone', attemptAt: NOON + HOUR_MS }),
    'It was due at 2026-03-02T12:00:00.000Z; its rule is gone; it is looked at again at 2026-03-02T13:00:00.000Z.',
  )
})
