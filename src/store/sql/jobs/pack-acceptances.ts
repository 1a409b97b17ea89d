import type { AcceptAnswer, Acceptance } from '../../../inbox/inbox-store.ts'
import type { SqlValue } from '../op.ts'

/**
 * Acceptances as two flat lists: those cross to the store's thread in half the time that objects
 * take.
 */
export type PackedAcceptances = {
  /** For each: job config id, organisation id, when received, how many notifications. */
  readonly heads: readonly (string | number)[]
  /** For each notification: its id, run id, message name, body, properties as JSON. */
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
}

const HEAD_LENGTH = 4
const TEXT_LENGTH = 5

export function packAcceptances(acceptances: readonly Acceptance[]): PackedAcceptances {
  const heads: (string | number)[] = []
  const texts: string[] = []
  for (const { jobConfigId, organizationId, receivedAt, notifications } of acceptances) {
    heads.push(jobConfigId, organizationId, receivedAt, notifications.length)
    for (const { notificationId, runId, message } of notifications) {
      const { name, body, properties } = message
      texts.push(notificationId, runId, name, body, JSON.stringify(properties))
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
    return Array.from({ length: Number(heads[head + 3]) }, () => {
      const [notificationId = '', runId = '', ...message] = texts.slice(at, at + TEXT_LENGTH)
      at += TEXT_LENGTH
      return { jobConfigId, organizationId, receivedAt, notificationId, runId, message }
    })
  }
  return Array.from({ length: heads.length / HEAD_LENGTH }, (_, index) =>
    unpackOne(index * HEAD_LENGTH),
  )
}

/** How many of an acceptance's notifications were new; null where there is no such job config. */
export type NewCount = number | null

/** The answers that counts of new notifications mean. */
export function answersOf(
  acceptances: readonly Acceptance[],
  newCounts: readonly NewCount[],
): readonly AcceptAnswer[] {
  return acceptances.map(({ notifications }, index) => {
    const newRuns = newCounts[index] ?? null
    if (newRuns === null) return { kind: 'no job config' }
    return { kind: 'accepted', newRuns, duplicates: notifications.length - newRuns }
  })
}
