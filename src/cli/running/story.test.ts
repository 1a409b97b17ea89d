import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storyLines, type ToldStory } from './story.ts'

const QUIET: ToldStory = {
  recordId: '001000000000001AAA',
  objectName: 'Account',
  name: 'Acme',
  recordState: 'exists',
  isComplete: true,
  events: [{ at: '2026-03-02T12:00:00.000Z', text: 'the record was created' }],
  notifications: [],
}

test('a story without notifications says so', () => {
  assert.deepEqual(storyLines(QUIET), [
    'Account 001000000000001AAA "Acme"; times are UTC',
    '2026-03-02 12:00:00.000  the record was created',
    'Nothing is owed for it, and nothing of it was sent in the last seven days.',
  ])
})

test('a story that leaves steps out says so, and why each notification waits', () => {
  const waiting = { notificationId: '04l1', state: 'waiting', whyNotYet: 'It is being sent now.' }
  const delivered = { notificationId: '04l2', state: 'delivered', whyNotYet: null }
  const notifications = [waiting, delivered]
  const lines = storyLines({ ...QUIET, events: [], isComplete: false, notifications })

  assert.deepEqual(lines.slice(1), [
    'not yet                  04l1: It is being sent now.',
    'There is more than a story holds: some steps are missing.',
  ])
})

test('a record that is gone is told by its id', () => {
  const [head] = storyLines({ ...QUIET, objectName: null, name: null, recordState: 'unknown' })

  assert.equal(head, 'Record 001000000000001AAA (unknown); times are UTC')
})

test('what an endpoint answered neither steers the terminal nor makes a line of its own', () => {
  const text = 'attempt 1 was refused: \u001b[2Jred\r\n2026 forged\u009b1m'
  const lines = storyLines({ ...QUIET, events: [{ at: '2026-03-02T12:00:00.000Z', text }] })

  assert.equal(lines[1], '2026-03-02 12:00:00.000  attempt 1 was refused:  [2Jred 2026 forged 1m')
})
