import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageId } from '../../../../../test/support/notifications.ts'
import { NOON } from '../../../../../test/support/test-clock.ts'
import { cutBatches, type PickedLane, shareTurns } from './share-turns.ts'

function lane(laneId: string, more: Partial<PickedLane> = {}): PickedLane {
  const endpointUrl = `https://${laneId}.example/`
  return {
    laneId,
    endpointUrl,
    failureCount: 0,
    isProbe: false,
    room: 16,
    tokens: null,
    messages: [],
    ...more,
  }
}

function due(...serials: readonly number[]): PickedLane['messages'] {
  return serials.map((serial) => ({ outboundMessageId: messageId(serial), dueAt: NOON }))
}

function counts(lanes: readonly PickedLane[], count: number): readonly [string, number][] {
  return shareTurns(lanes, count, NOON).map((each) => [each.lane.laneId, each.count])
}

test('each lane gets a turn before any gets a second', () => {
  const lanes = [lane('a', { messages: due(1) }), lane('b', { messages: due(2) })]

  assert.deepEqual(counts(lanes, 1), [['a', 1]])
  assert.deepEqual(counts(lanes, 3), [
    ['a', 2],
    ['b', 1],
  ])
})

test('a lane gets no more turns than it has room for, the others get the rest', () => {
  const lanes = [lane('a', { messages: due(1), room: 2 }), lane('b', { messages: due(2) })]

  assert.deepEqual(counts(lanes, 10), [
    ['a', 2],
    ['b', 8],
  ])
})

test('the outbound messages of a lane take turns, those with nothing due get none', () => {
  const later = [{ outboundMessageId: messageId(9), dueAt: NOON + 1 }]
  const none = [{ outboundMessageId: messageId(8), dueAt: null }]
  const [only] = [lane('a', { messages: [...none, ...due(1, 2), ...later], room: 3 })]
  assert.ok(only)

  const wanted = shareTurns([only], 16, NOON)

  assert.deepEqual(
    wanted.map((each) => [each.outboundMessageId, each.count]),
    [
      [messageId(1), 2],
      [messageId(2), 1],
    ],
  )
})

test('a probe goes with what waits, due or not', () => {
  const messages = [{ outboundMessageId: messageId(1), dueAt: NOON + 1 }]

  assert.deepEqual(counts([lane('a', { messages, isProbe: true, room: 1 })], 5), [['a', 1]])
  assert.deepEqual(counts([lane('a', { messages })], 5), [])
})

test('what was found is cut where the batch limit changes, and never beyond the limit', () => {
  const found = [2, 2, 100, 2, 100, 100, 1].map((batchLimit, index) => ({ batchLimit, index }))
  const cut = (count: number, limit: number) =>
    cutBatches(found, count, limit).map((batch) => batch.map((each) => each.index))

  assert.deepEqual(cut(10, 100), [[0, 1], [2, 4, 5], [3], [6]])
  assert.deepEqual(cut(2, 100), [
    [0, 1],
    [2, 4, 5],
  ])
  assert.deepEqual(cut(10, 1), [[0], [1], [2], [3], [4], [5], [6]])
  assert.deepEqual(cutBatches([], 3, 100), [])
})
