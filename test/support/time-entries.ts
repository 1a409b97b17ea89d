import type { Expectation } from '../../src/org/org-store.ts'
import type { NewTimeEntry } from '../../src/org/time-queue/time-entry.ts'
import type { EndedEntry, LeasedEntry } from '../../src/org/time-queue/time-queue-store.ts'
import { KEY_PREFIX, makeRecordId } from '../../src/schema/record-id.ts'
import { NOON } from './test-clock.ts'

let serial = 0

/** An entry of a new account for the first trigger of the rule Remind, due at noon; what differs is given. */
export function timeEntry(more: Partial<NewTimeEntry> = {}): NewTimeEntry {
  serial += 1
  return {
    entryId: `entry-${String(serial).padStart(6, '0')}`,
    source: { kind: 'rule', ruleFullName: 'Remind', triggerIndex: 0 },
    objectName: 'Account',
    recordId: makeRecordId(KEY_PREFIX.account, serial),
    userId: makeRecordId(KEY_PREFIX.user, 1),
    createdAt: NOON,
    dueAt: NOON,
    chainIndex: 0,
    ...more,
  }
}

/** A change set that does nothing but put entries in the time queue. */
export function queueing(added: readonly NewTimeEntry[]) {
  const timeEntries = { added, moved: [], ended: [] }
  return { records: [], notifications: [], expectations: [], timeEntries }
}

/** A change set of whoever has the entries in hand: they are executed. */
export function executing(leased: readonly LeasedEntry[]) {
  const ended = leased.map(
    ({ entry: { entryId } }): EndedEntry => ({
      entryId,
      state: 'executed',
      reason: null,
      endedAt: NOON,
    }),
  )
  const expectations = leased.map(
    ({ entry: { entryId, recordId }, token }): Expectation => ({
      kind: 'entryPending',
      recordId,
      entryId,
      token,
    }),
  )
  return {
    records: [],
    notifications: [],
    expectations,
    timeEntries: { added: [], moved: [], ended },
  }
}

/** A change set of a save that removes an entry, whoever has it in hand. */
export function removing({ entryId, recordId }: NewTimeEntry, reason = 'its date is blank') {
  const ended = [{ entryId, state: 'removed' as const, reason, endedAt: NOON }]
  const expectations: Expectation[] = [{ kind: 'entryPending', recordId, entryId, token: null }]
  return {
    records: [],
    notifications: [],
    expectations,
    timeEntries: { added: [], moved: [], ended },
  }
}
