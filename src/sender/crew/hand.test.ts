import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LeasedBatch, SlotAfter } from '../../outbox/outbox-store.ts'
import type { AttemptOutcome } from '../../outbox/settle.ts'
import { KEY_PREFIX, makeRecordId } from '../../schema/record-id.ts'
import { openHand } from './hand.ts'
import type { AskSlotAfter, Delivered } from './hand-ports.ts'

const ACKNOWLEDGED: AttemptOutcome = { kind: 'acknowledged' }
const UNANSWERED: AttemptOutcome = { kind: 'unanswered', reason: 'time-out' }

/** A hand whose deliveries end when they are told to. */
function openTestHand() {
  let now = 0
  const started: string[] = []
  const settled: [string, SlotAfter][] = []
  const givenBack: string[] = []
  const onTheirWay = new Map<string, (outcome: AttemptOutcome | Error) => void>()
  const hand = openHand({
    deliver: (batch, slotAfter: AskSlotAfter) => {
      const name = nameOf(batch)
      started.push(name)
      return new Promise<Delivered>((resolve, reject) => {
        onTheirWay.set(name, (outcome) => {
          if (outcome instanceof Error) return reject(outcome)
          settled.push([name, slotAfter(outcome)])
          resolve({ kind: 'attempted', settled: Promise.resolve('settled') })
        })
      })
    },
    giveBack: async ({ token }) => void givenBack.push(token),
    renew: async () => [],
    realNow: () => now,
    leaseMs: 30_000,
    heartbeatMs: 10_000,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })
  const end = async (name: string, outcome: AttemptOutcome | Error = ACKNOWLEDGED) => {
    onTheirWay.get(name)?.(outcome)
    await new Promise(setImmediate)
  }
  const advance = (ms: number) => {
    now += ms
  }
  return { hand, started, settled, givenBack, end, advance }
}

/** So many batches of one slot of one lane: `a1`, `a2` and so on for the token `a`. */
function load(token: string, count: number): readonly LeasedBatch[] {
  return Array.from({ length: count }, (_, index) => ({
    lease: { laneId: 'lane', slot: 0, token },
    outboundMessageId: makeRecordId(KEY_PREFIX.outboundMessage, 1),
    endpointUrl: `https://erp.example/${token}${index + 1}`,
    notifications: [],
    laneFailureCount: 0,
    isProbe: false,
    definitionsVersion: 1,
    againInMs: null,
  }))
}

function nameOf({ endpointUrl }: LeasedBatch): string {
  return endpointUrl.split('/').at(-1) ?? ''
}

test('a message that takes long holds up none of those behind it', async () => {
  const { hand, started, settled, end } = openTestHand()
  const over = [hand.take(load('a', 3), 0), hand.take(load('b', 2), 0)]
  assert.deepEqual(started, ['a1', 'a2'], 'as many at once as there are slots')
  for (const name of ['a2', 'a3', 'b1', 'b2']) await end(name)
  await over[1]
  assert.deepEqual(
    settled.map(([name, slot]) => `${name} ${slot.kind}`),
    ['a2 kept', 'a3 kept', 'b1 kept', 'b2 freed'],
  )
  assert.equal(hand.count(), 1)
  await end('a1')
  await over[0]
  assert.deepEqual(settled.at(-1), ['a1', { kind: 'freed', givenBackCount: 0 }])
  assert.equal(hand.count(), 0)
})

test('when a message goes unanswered, nothing more is sent there of what is held', async () => {
  const { hand, started, settled, givenBack, end } = openTestHand()
  const over = Promise.all([hand.take(load('a', 1), 0), hand.take(load('b', 5), 0)])
  await end('a1', UNANSWERED)
  assert.deepEqual(started, ['a1', 'b1'])
  await end('b1')
  await over
  assert.deepEqual(
    settled.map(([, slot]) => slot.kind),
    ['freed', 'freed'],
  )
  assert.deepEqual(givenBack, [], 'the last settlement gives back what is left')
})

test('a slot of which nothing is under way is given back by itself', async () => {
  const { hand, started, settled, givenBack, end } = openTestHand()
  const over = Promise.all([hand.take(load('a', 2), 0), hand.take(load('b', 2), 0)])
  assert.deepEqual(started, ['a1', 'a2'])
  await end('a1', UNANSWERED)
  assert.deepEqual(givenBack, ['b'])
  await end('a2')
  await over
  assert.deepEqual(
    settled.map(([name, slot]) => `${name} ${slot.kind}`),
    ['a1 kept', 'a2 freed'],
  )
  assert.equal(hand.count(), 0)
})

test('what is not under way is given back when the sender stops', async () => {
  const { hand, started, settled, end } = openTestHand()
  const over = hand.take(load('a', 3), 0)
  const emptied = hand.empty()
  await end('a1')
  await Promise.all([emptied, over])
  assert.deepEqual(started, ['a1'])
  assert.deepEqual(
    settled.map(([name, slot]) => `${name} ${slot.kind}`),
    ['a1 freed'],
  )
})

test('what fails is left to lapse: nobody knows how far it came', async () => {
  const { hand, givenBack, end } = openTestHand()
  const failed = assert.rejects(hand.take(load('a', 3), 0), /the store is gone/)
  await end('a1', new Error('the store is gone'))
  await failed
  assert.deepEqual(givenBack, [])
  assert.equal(hand.count(), 0)
})

test('what a sender held while it stood still is not sent', async () => {
  const { hand, started, givenBack, end, advance } = openTestHand()
  const over = hand.take(load('a', 3), 0)
  advance(30_000)
  await end('a1')
  await over
  assert.deepEqual(started, ['a1'])
  assert.deepEqual(givenBack, [], 'it is somebody else’s')
})

test('what has waited for two seconds goes back: it may be on hold by now, or go elsewhere', async () => {
  const { hand, started, settled, end, advance } = openTestHand()
  const over = hand.take(load('a', 3), 0)
  advance(2000)
  await end('a1')
  assert.deepEqual(started, ['a1'])
  assert.deepEqual(settled.at(-1)?.[1].kind, 'kept')
  await over
  assert.equal(hand.count(), 0)
})

test('a slot carries more where messages are answered fast, and one where they are not', async () => {
  const { hand, end, advance } = openTestHand()
  assert.deepEqual(hand.loads(), {})
  const first = hand.take(load('a', 1), 0)
  advance(10)
  await end('a1')
  await first
  assert.deepEqual(hand.loads(), { lane: 20 })

  const second = hand.take(load('b', 1), 0)
  await end('b1', UNANSWERED)
  await second
  assert.deepEqual(hand.loads(), {})
})
