import type { Acceptance } from '../../../inbox/inbox-store.ts'
import type { RecordStamp, RunPlace } from '../../../jobs/ordering/run-place.ts'
import type { SqlValue } from '../op.ts'

/**
 * Acceptances as two flat lists: those cross to the store's thread in half the time that objects
 * take.
 */
export type PackedAcceptances = {
  /**
   * For each: job config id, organisation id, when received, how many notifications, how many runs, 1 where stale ones
   * are skipped.
   */
  readonly heads: readonly (string | number)[]
  /**
   * For each: of each notification its id, run id and content's mark; then of each run its id, message name, body,
   * properties as JSON, and its place in five.
   */
  readonly texts: readonly string[]
}

/** One envelope's notifications and runs as the tables want them. */
export type UnpackedAcceptance = {
  readonly jobConfigId: string
  readonly organizationId: string
  readonly receivedAt: number
  readonly skipsStale: boolean
  readonly notifications: readonly UnpackedNotification[]
  readonly runs: readonly UnpackedRun[]
}

export type UnpackedNotification = Acceptance['notifications'][number]

type UnpackedRun = {
  readonly runId: string
  /** Name, body, properties. */
  readonly message: readonly SqlValue[]
  readonly place: RunPlace
}

const HEAD_LENGTH = 6
const NOTIFICATION_LENGTH = 3
const MESSAGE_LENGTH = 4
const RUN_LENGTH = 9

export function packAcceptances(acceptances: readonly Acceptance[]): PackedAcceptances {
  const heads: (string | number)[] = []
  const texts: string[] = []
  for (const { jobConfigId, organizationId, receivedAt, ...acceptance } of acceptances) {
    const { notifications, runs, skipsStale } = acceptance
    const counts = [notifications.length, runs.length]
    heads.push(jobConfigId, organizationId, receivedAt, ...counts, skipsStale ? 1 : 0)
    for (const { notificationId, runId, contentMark } of notifications) {
      texts.push(notificationId, runId, contentMark)
    }
    for (const { runId, message, place } of runs) {
      const { name, body, properties } = message
      texts.push(runId, name, body, JSON.stringify(properties), ...packPlace(place))
    }
  }
  return { heads, texts }
}

/** Each acceptance, in order. */
export function unpackAcceptances({
  heads,
  texts,
}: PackedAcceptances): readonly UnpackedAcceptance[] {
  let at = 0
  const next = (length: number) => {
    at += length
    return texts.slice(at - length, at)
  }
  const unpackOne = (head: number): UnpackedAcceptance => {
    const [jobConfigId, organizationId] = [String(heads[head]), String(heads[head + 1])]
    const receivedAt = Number(heads[head + 2])
    const notifications = Array.from({ length: Number(heads[head + 3]) }, () => {
      const [notificationId = '', runId = '', contentMark = ''] = next(NOTIFICATION_LENGTH)
      return { notificationId, runId, contentMark }
    })
    const runs = Array.from({ length: Number(heads[head + 4]) }, () => {
      const [runId = '', ...message] = next(MESSAGE_LENGTH)
      return { runId, message, place: unpackPlace(next(RUN_LENGTH - MESSAGE_LENGTH)) }
    })
    const skipsStale = heads[head + 5] === 1
    return { jobConfigId, organizationId, receivedAt, skipsStale, notifications, runs }
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
