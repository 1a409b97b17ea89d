import { randomUUID } from 'node:crypto'
import type { TimeQueueStore } from '../../../org/time-queue/time-queue-store.ts'
import type { OpRunner } from '../op.ts'
import { giveUpEntries, leaseEntries, putOffEntries, workAhead } from './lease-entries.ts'
import { delEntries, hastenEntries, listEntries, retainEntries } from './person.ts'

/** Filters that no index helps may walk through a long queue; nothing else waits behind them. */
const LIST_DEADLINE_MS = 10_000

/** The time queue over either database. */
export function openTimeQueueStore(runner: OpRunner): TimeQueueStore {
  return {
    lease: (ask) => runner.write(leaseEntries, { ...ask, token: randomUUID() }),
    putOff: (entries) => runner.write(putOffEntries, entries),
    giveUp: (entries) => runner.write(giveUpEntries, entries),
    workAhead: () => runner.read(workAhead, undefined),
    list: (filter) => {
      const isKeyed = filter.entryIds !== undefined || filter.recordId !== undefined
      if (isKeyed) return runner.read(listEntries, filter)
      return runner.readWithin(listEntries, filter, LIST_DEADLINE_MS)
    },
    del: (filter, end) => runner.write(delEntries, { filter, end }),
    hasten: (filter, now) => runner.write(hastenEntries, { filter, now }),
    retain: (endedBefore) => runner.write(retainEntries, endedBefore),
  }
}
