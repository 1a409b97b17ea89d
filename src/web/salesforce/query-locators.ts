import { randomInt } from 'node:crypto'
import { type Clock, MINUTE_MS } from '../../base/clock.ts'
import type { QueriedRecord, QueryAnswer } from '../../org/soql/queried-record.ts'
import { makeRecordId, type RecordId } from '../../schema/record-id.ts'

/** A page has 2,000 records unless the client asks for 200 to 2,000. */
export const PAGE_SIZE_MAX = 2000
export const PAGE_SIZE_MIN = 200

/** Records that all open locators keep; the oldest locators end when there are more. */
export const LOCATOR_RECORDS_MAX = 100_000
/** Salesforce ends a locator after 15 minutes, too. */
export const LOCATOR_LIFETIME_MS = 15 * MINUTE_MS

export type QueryPage = {
  readonly records: readonly QueriedRecord[]
  readonly totalSize: number
  /** Where the next page starts; null on the last. Has no `/`, as jsforce needs it. */
  readonly nextLocator: string | null
}

/** Answers of queries that did not fit one page, as they were when the query ran. */
export type QueryLocators = {
  /** The first page of an answer; the rest is kept for `userId` alone. */
  firstPage(userId: RecordId, answer: QueryAnswer, pageSize: number): QueryPage
  /** The page that `locator` names, as often as it is asked for. Null: unknown, over, or another user's. */
  page(userId: RecordId, locator: string): QueryPage | null
}

type Kept = {
  readonly userId: RecordId
  readonly answer: QueryAnswer
  readonly pageSize: number
  readonly endsAt: number
}

/** Opens a set with no locator in it; it lives in this process's memory. */
export function openQueryLocators(clock: Clock, recordsMax = LOCATOR_RECORDS_MAX): QueryLocators {
  const kept = new Map<string, Kept>() // in order of age
  let keptRecords = 0
  let serial = randomInt(2 ** 40) // two starts of the process do not share names

  const drop = (id: string) => {
    keptRecords -= kept.get(id)?.answer.records.length ?? 0
    kept.delete(id)
  }
  const makeRoom = (coming: number) => {
    for (const [id, { endsAt }] of kept) {
      if (endsAt > clock.real() && keptRecords + coming <= recordsMax) return
      drop(id)
    }
  }
  const pageAt = (id: string, { answer, pageSize }: Kept, start: number): QueryPage => {
    const end = start + pageSize
    const isLast = end >= answer.records.length
    return {
      records: answer.records.slice(start, end),
      totalSize: answer.totalSize,
      nextLocator: isLast ? null : `${id}-${end}`,
    }
  }

  return {
    firstPage(userId, answer, pageSize) {
      const entry = { userId, answer, pageSize, endsAt: clock.real() + LOCATOR_LIFETIME_MS }
      if (answer.records.length <= pageSize) return pageAt('', entry, 0)
      makeRoom(answer.records.length)
      serial += 1
      const id = makeRecordId('01g', serial)
      kept.set(id, entry)
      keptRecords += answer.records.length
      return pageAt(id, entry, 0)
    },
    page(userId, locator) {
      const [, id, start] = /^(01g\w{15})-(\d{1,9})$/.exec(locator) ?? []
      const entry = id === undefined ? undefined : kept.get(id)
      if (id === undefined || entry === undefined || entry.userId !== userId) return null
      if (entry.endsAt <= clock.real()) return null
      return Number(start) < entry.answer.records.length ? pageAt(id, entry, Number(start)) : null
    },
  }
}

/** The page size a client asked for, within what is allowed. */
export function pageSizeWithin(asked: number): number {
  if (!Number.isFinite(asked)) return PAGE_SIZE_MAX
  return Math.min(PAGE_SIZE_MAX, Math.max(PAGE_SIZE_MIN, Math.floor(asked)))
}
