import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/base/clock.ts'
import type { NewTimeEntry } from '../../src/org/time-queue/time-entry.ts'
import type { LeasedEntry, TimeEntryFilter } from '../../src/org/time-queue/time-queue-store.ts'
import { KEY_PREFIX, makeRecordId } from '../../src/schema/record-id.ts'
import { notifications } from '../support/notifications.ts'
import { storesUnderTest } from '../support/stores.ts'
import { NOON } from '../support/test-clock.ts'
import { executing, queueing, removing, timeEntry } from '../support/time-entries.ts'

const ask = (now = NOON, leaseMs = MINUTE_MS) => ({ limit: 100, now, leaseMs })
const idsOf = (leased: readonly LeasedEntry[]) => leased.map(({ entry }) => entry.entryId)
const others = (recordSerial: number) => makeRecordId(KEY_PREFIX.contact, recordSerial)

for (const store of storesUnderTest()) {
  const open = async (t: TestContext, ...entries: readonly NewTimeEntry[]) => {
    const { org, timeQueue, outbox } = await store.open(t)
    if (entries.length > 0) await org.commit(queueing(entries))
    const stateOf = async ({ entryId }: NewTimeEntry) => {
      const [found] = await timeQueue.list({ entryIds: [entryId], limit: 1 })
      return found?.state
    }
    return { org, outbox, queue: timeQueue, stateOf }
  }

  describe(`time queue: ${store.name}`, { concurrency: true }, () => {
    test('an entry is taken when it is due, the longest due first, and read as it was written', async (t) => {
      const path = { kind: 'flow', flowName: 'Follow_up', pathName: 'Three_days' } as const
      const [late, early] = [timeEntry(), timeEntry({ dueAt: NOON - HOUR_MS, source: path })]
      const { queue } = await open(t, late, early, timeEntry({ dueAt: NOON + 1 }))

      assert.deepEqual(await queue.lease(ask(NOON - HOUR_MS - 1)), [])
      const leased = await queue.lease(ask())

      assert.deepEqual(idsOf(leased), [early.entryId, late.entryId])
      assert.deepEqual(leased[0]?.entry, {
        ...early,
        attemptAt: early.dueAt,
        attemptCount: 0,
        failureReason: null,
      })
      assert.deepEqual(await queue.lease(ask()), [])
    })

    test('an executed entry is not taken again, and what it did is committed with its end', async (t) => {
      const entry = timeEntry()
      const { org, queue, outbox, stateOf } = await open(t, entry)

      const leased = await queue.lease(ask())
      await org.commit({ ...executing(leased), notifications: notifications(1) })

      assert.deepEqual(await queue.lease(ask(NOON + DAY_MS)), [])
      assert.equal(await stateOf(entry), 'executed')
      assert.equal((await outbox.list({ limit: 9 })).length, 1)
    })

    test('of many loops that look at once, each entry goes to one', async (t) => {
      const entries = Array.from({ length: 50 }, () => timeEntry())
      const { queue } = await open(t, ...entries)

      const taken = await Promise.all(
        Array.from({ length: 8 }, () => queue.lease({ ...ask(), limit: 10 })),
      )

      const ids = taken.flatMap(idsOf)
      assert.equal(new Set(ids).size, ids.length)
      const rest = await queue.lease(ask())
      assert.equal(ids.length + rest.length, 50)
    })

    test('a loop that outlived its lease carries nothing out', async (t) => {
      const entry = timeEntry()
      const { org, queue, outbox, stateOf } = await open(t, entry)
      const late = await queue.lease(ask(NOON, 0)) // lapses at once
      const current = await queue.lease(ask())
      assert.deepEqual(idsOf(current), idsOf(late))

      const answer = await org.commit({ ...executing(late), notifications: notifications(1) })
      await queue.giveUp([{ ...given(late), state: 'failed', reason: 'too late', endedAt: NOON }])
      await queue.putOff([
        { ...given(late), attemptAt: NOON + DAY_MS, reason: 'too late', isFailure: true },
      ])

      assert.equal(answer.kind, 'failed')
      assert.equal((await outbox.list({ limit: 9 })).length, 0)
      assert.equal(await stateOf(entry), 'pending')
      assert.equal((await org.commit(executing(current))).kind, 'committed')
    })

    test('of a save that removes an entry and the loop that has it in hand, one is told it is too late', async (t) => {
      const [one, other] = [timeEntry(), timeEntry()]
      const { org, queue, stateOf } = await open(t, one, other)
      const leased = await queue.lease(ask())
      const [ofOne, ofOther] = [leased.slice(0, 1), leased.slice(1)]

      const saved = await org.commit(removing(one))
      const executedLate = await org.commit(executing(ofOne))
      const executed = await org.commit(executing(ofOther))
      const savedLate = await org.commit(removing(other))

      assert.deepEqual([saved.kind, executedLate.kind], ['committed', 'failed'])
      assert.deepEqual([executed.kind, savedLate.kind], ['committed', 'failed'])
      assert.deepEqual(
        savedLate.kind === 'failed' && savedLate.expectations,
        removing(other).expectations,
      )
      assert.deepEqual([await stateOf(one), await stateOf(other)], ['removed', 'executed'])
    })

    test('of saves and loops at the same moment, one has the entry', async (t) => {
      const entries = Array.from({ length: 20 }, () => timeEntry())
      const { org, queue } = await open(t, ...entries)
      const leased = await queue.lease(ask())

      const answers = await Promise.all(
        leased.flatMap((each) => [org.commit(executing([each])), org.commit(removing(each.entry))]),
      )

      const kinds = answers.map(({ kind }) => kind)
      assert.equal(kinds.filter((kind) => kind === 'committed').length, 20)
    })

    test('an entry whose date changes is due then, and in nobody’s hand any more', async (t) => {
      const entry = timeEntry()
      const { org, queue } = await open(t, entry)
      const leased = await queue.lease(ask())
      await queue.putOff([
        { ...given(leased), attemptAt: NOON, reason: 'a first try failed', isFailure: true },
      ])
      const again = await queue.lease(ask())

      const moved = [{ entryId: entry.entryId, dueAt: NOON + DAY_MS, chainIndex: 3 }]
      await org.commit({ ...queueing([]), timeEntries: { added: [], moved, ended: [] } })

      assert.equal((await org.commit(executing(again))).kind, 'failed')
      assert.deepEqual(await queue.lease(ask(NOON + DAY_MS - 1)), [])
      const [later] = await queue.lease(ask(NOON + DAY_MS))
      assert.partialDeepStrictEqual(later?.entry, {
        chainIndex: 3,
        attemptCount: 0,
        failureReason: null,
      })
    })

    test('a failed try is due again at its time, counted and with its reason; at last it is given up', async (t) => {
      const entry = timeEntry()
      const { queue } = await open(t, entry)
      const put = { attemptAt: NOON + HOUR_MS, reason: 'STRING_TOO_LONG' }
      await queue.putOff([{ ...given(await queue.lease(ask())), ...put, isFailure: true }])

      assert.deepEqual(await queue.lease(ask()), [])
      const again = await queue.lease(ask(NOON + HOUR_MS))
      assert.partialDeepStrictEqual(again[0]?.entry, {
        dueAt: NOON,
        attemptAt: NOON + HOUR_MS,
        attemptCount: 1,
        failureReason: 'STRING_TOO_LONG',
      })
      await queue.putOff([{ ...given(again), ...put, isFailure: false }])
      const last = await queue.lease(ask(NOON + HOUR_MS))
      assert.equal(last[0]?.entry.attemptCount, 1)
      await queue.giveUp([{ ...given(last), state: 'failed', reason: 'no more', endedAt: NOON }])

      const [found] = await queue.list({ recordId: entry.recordId, limit: 9 })
      assert.partialDeepStrictEqual(found, {
        state: 'failed',
        failureReason: 'no more',
        endedAt: NOON,
        isLeased: false,
      })
    })

    test('a read of records tells their pending entries, and definitions the objects that have some', async (t) => {
      const recordId = others(7)
      const [first, second, ended] = [
        timeEntry({ recordId }),
        timeEntry({ recordId }),
        timeEntry({ recordId }),
      ]
      const { org } = await open(t, first, second, ended, timeEntry())
      await org.commit(removing(ended))

      const { timeEntries } = await org.readRecords([], [recordId])

      assert.deepEqual(
        timeEntries.map(({ entryId }) => entryId),
        [first.entryId, second.entryId],
      )
      assert.deepEqual((await org.readRecords([])).timeEntries, [])
      assert.deepEqual((await org.readDefinitions()).timedObjects, ['Account'])
    })

    test('people find entries by rule, object, record, dates and who made them', async (t) => {
      const rule = { kind: 'rule', ruleFullName: 'Due%3A 50%25 Über', triggerIndex: 1 } as const
      const one = timeEntry({ source: rule, objectName: 'Contact', dueAt: NOON + DAY_MS })
      const two = timeEntry({ userId: others(9), createdAt: NOON + HOUR_MS })
      const { org, queue } = await open(t, one, two)
      await org.commit(removing(two))
      const found = async (filter: Partial<TimeEntryFilter>) =>
        (await queue.list({ limit: 9, ...filter })).map(({ entryId }) => entryId)

      assert.deepEqual(await found({}), [two.entryId, one.entryId])
      assert.deepEqual(await found({ sourceName: 'due: 50% ü' }), [one.entryId])
      assert.deepEqual(await found({ sourceName: '5_' }), [])
      assert.deepEqual(await found({ objectName: 'contact' }), [one.entryId])
      assert.deepEqual(await found({ recordId: two.recordId }), [two.entryId])
      assert.deepEqual(await found({ userId: two.userId }), [two.entryId])
      assert.deepEqual(await found({ dueBefore: NOON + DAY_MS }), [two.entryId])
      assert.deepEqual(await found({ dueFrom: NOON + DAY_MS }), [one.entryId])
      assert.deepEqual(await found({ createdFrom: NOON + 1 }), [two.entryId])
      assert.deepEqual(await found({ createdBefore: NOON + 1 }), [one.entryId])
      assert.deepEqual(await found({ state: 'pending' }), [one.entryId])
    })

    test('a person removes pending entries, also those in hand, or has them run now', async (t) => {
      const [gone, soon] = [timeEntry(), timeEntry({ dueAt: NOON + DAY_MS })]
      const { org, queue } = await open(t, gone, soon)
      const leased = await queue.lease(ask())

      const end = { reason: 'removed by anna', endedAt: NOON }
      assert.equal(await queue.del({ entryIds: idsOf(leased), limit: 9 }, end), 1)
      assert.equal(await queue.del({ entryIds: idsOf(leased), limit: 9 }, end), 0)
      assert.equal((await org.commit(executing(leased))).kind, 'failed')
      assert.equal(await queue.hasten({ recordId: soon.recordId, limit: 9 }, NOON), 1)

      const [taken] = await queue.lease(ask())
      assert.partialDeepStrictEqual(taken?.entry, { entryId: soon.entryId, dueAt: soon.dueAt })
    })

    test('what ended long ago is forgotten, what waits is not', async (t) => {
      const [ended, waiting] = [timeEntry(), timeEntry()]
      const { org, queue, stateOf } = await open(t, ended, waiting)
      await org.commit(removing(ended))

      assert.equal(await queue.retain(NOON), 0)
      assert.equal(await queue.retain(NOON + 1), 1)
      assert.deepEqual([await stateOf(ended), await stateOf(waiting)], [undefined, 'pending'])
    })

    test('the work ahead is what is in hand, and when the next of the rest is tried', async (t) => {
      const { org, queue } = await open(t, timeEntry(), timeEntry({ dueAt: NOON + HOUR_MS }))
      assert.deepEqual(await queue.workAhead(), { leasedCount: 0, dueAt: NOON })

      const leased = await queue.lease(ask())
      assert.deepEqual(await queue.workAhead(), { leasedCount: 1, dueAt: NOON + HOUR_MS })
      await org.commit(executing(leased))
      await queue.del({ limit: 9 }, { reason: 'over', endedAt: NOON })
      assert.deepEqual(await queue.workAhead(), { leasedCount: 0, dueAt: null })
    })
  })
}

/** The first of them, as its holder names it. */
function given(leased: readonly LeasedEntry[]) {
  const [first] = leased
  if (!first) return assert.fail('nothing was leased')
  return { entryId: first.entry.entryId, token: first.token }
}
