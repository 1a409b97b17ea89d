import type { AcceptAnswer, Acceptance } from '../../../inbox/inbox-store.ts'
import type { RecordStamp, RunPlace } from '../../../jobs/ordering/run-place.ts'
import type { SqlValue } from '../op.ts'

/**
 * Acceptances as two flat lists: those cross to the store's thread in half the time that objects
 * take.
 */
export type PackedAcceptances = {
  /** For each: job config id, organisation id, when received, how many notifications, 1 where stale ones are skipped. */
  readonly heads: readonly (string | number)[]
  /** For each notification: its id, run id, message name, body, properties as JSON, and its place in five. */
  readonly texts: readonly string[]
}

/** One notification as the tables want it. */
export type UnpackedNotification = {
  readonly jobConfigId: string
  readonly organizationId: string
  readonly receivedAt: number
  readonly notificationId: string
  readonly runId: string
  /** Name, body, properties. */
  readonly message: readonly SqlValue[]
  readonly place: RunPlace
  readonly skipsStale: boolean
}

export const HEAD_LENGTH = 5
const MESSAGE_LENGTH = 5
const TEXT_LENGTH = 10

export function packAcceptances(acceptances: readonly Acceptance[]): PackedAcceptances {
  const heads: (string | number)[] = []
  const texts: string[] = []
  for (const acceptance of acceptances) {
    const { jobConfigId, organizationId, receivedAt, notifications, skipsStale } = acceptance
    heads.push(jobConfigId, organizationId, receivedAt, notifications.length, skipsStale ? 1 : 0)
    for (const { notificationId, runId, message, place } of notifications) {
      const { name, body, properties } = message
      texts.push(notificationId, runId, name, body, JSON.stringify(properties), ...packPlace(place))
    }
  }
  return { heads, texts }
}

/** Each acceptance's notifications, in order. */
export function unpackAcceptances({
  heads,
  texts,
}: PackedAcceptances): readonly (readonly UnpackedNotification[])[] {
  let at = 0
  const unpackOne = (head: number): readonly UnpackedNotification[] => {
    const [jobConfigId, organizationId] = [String(heads[head]), String(heads[head + 1])]
    const receivedAt = Number(heads[head + 2])
    const skipsStale = heads[head + 4] === 1
    const envelope = { jobConfigId, organizationId, receivedAt, skipsStale }
    return Array.from({ length: Number(heads[head + 3]) }, () => {
      const [notificationId = '', runId = '', ...message] = texts.slice(at, at + MESSAGE_LENGTH)
      const place = unpackPlace(texts.slice(at + MESSAGE_LENGTH, at + TEXT_LENGTH))
      at += TEXT_LENGTH
      return { ...envelope, notificationId, runId, message, place }
    })
  }
  return Array.from({ length: heads.length / HEAD_LENGTH }, (_, index) =>
    unpackOne(index * HEAD_LENGTH),
  )
}

/** Record key, line, stamp's field and instant, own change: empty where there is none. */
function packPlace({ recordKey, lineId, stamp, isOwnChange }: RunPlace): readonly string[] {
  const stamped = stamp ? [stamp.field, String(stamp.at)] : ['', '']
  return [recordKey ?? '', lineId ?? '', ...stamped, isOwnChange ? '1' : '']
}

function unpackPlace([
  recordKey = '',
  lineId = '',
  field = '',
  at = '',
  own = '',
]: readonly string[]): RunPlace {
  return {
    recordKey: recordKey || null,
    lineId: lineId || null,
    stamp: field === '' ? null : { field: field as RecordStamp['field'], at: Number(at) },
    isOwnChange: own === '1',
  }
}

/** Of an acceptance's new notifications. */
export type AcceptedCounts = {
  readonly newRuns: number
  readonly skipped: number
  readonly stale: number
}

/** The answers that counts of new notifications mean; null: there is no such job config. */
export function answersOf(
  acceptances: readonly Acceptance[],
  counts: readonly (AcceptedCounts | null)[],
): readonly AcceptAnswer[] {
  return acceptances.map(({ notifications }, index) => {
    const counted = counts[index] ?? null
    if (counted === null) return { kind: 'no job config' }
    const duplicates = notifications.length - counted.newRuns - counted.skipped
    return { kind: 'accepted', ...counted, duplicates }
  })
}
