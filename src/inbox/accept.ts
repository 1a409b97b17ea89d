import { crc32 } from 'node:zlib'
import type { Instant } from '../base/clock.ts'
import type { JobConfig } from '../jobs/job-config.ts'
import { placeRun, type RunPlace } from '../jobs/ordering/run-place.ts'
import { newRunId } from '../jobs/run-id.ts'
import type { Envelope, EnvelopeNotification } from '../wire/envelope.ts'
import type { AcceptAnswer, Acceptance, InboxStore } from './inbox-store.ts'
import { messageOf } from './message/compose-message.ts'
import { fieldText } from './message/infer-change-kind.ts'

/** What became of an envelope that was handed to the store. */
export type Accepted = Exclude<AcceptAnswer, { kind: 'partly known' }>

/**
 * Keeps an envelope. Where one run is for several notifications and some of them are known, it is put together anew from
 * the others: each time with fewer, so that it ends.
 */
export async function accept(
  store: Pick<InboxStore, 'accept'>,
  envelope: Envelope,
  { config, now }: { readonly config: JobConfig; readonly now: Instant },
): Promise<Accepted> {
  const differing = new Set<string>()
  let left = envelope
  for (;;) {
    const answer = await store.accept(acceptanceOf(left, config, now))
    if (answer.kind === 'no job config') return answer
    for (const id of answer.differing) differing.add(id)
    if (answer.kind === 'accepted') return { ...answer, differing: [...differing] }
    const known = new Set(answer.known)
    const notifications = left.notifications.filter((each) => !known.has(each.notificationId))
    left = { ...left, notifications }
  }
}

/**
 * What an envelope is to be kept as: its notifications, with the runs they start if they are new. Pure but for
 * the ids.
 */
function acceptanceOf(envelope: Envelope, config: JobConfig, now: Instant): Acceptance {
  const runs = runsOf(envelope, config).map((run) => ({ ...run, runId: newRunId(now) }))
  return {
    jobConfigId: config.jobConfigId,
    organizationId: envelope.organizationId,
    receivedAt: now,
    notifications: runs.flatMap(({ runId, notifications }) =>
      notifications.map((each) => ({
        notificationId: each.notificationId,
        runId,
        contentMark: contentMarkOf(each),
      })),
    ),
    runs: runs.map(({ runId, notifications, place }) => ({
      runId,
      message: messageOf(envelope, distinct(notifications), { config, now }),
      place,
    })),
    skipsStale: config.staleChanges === 'skip',
  }
}

type PlannedRun = {
  readonly notifications: readonly EnvelopeNotification[]
  readonly place: RunPlace
}

/** One for each notification; or one for all but those that are kept and not run. */
function runsOf({ organizationId, notifications }: Envelope, config: JobConfig): PlannedRun[] {
  const alone = notifications.map((each) => ({
    notifications: [each],
    place: placeOf(config, organizationId, each),
  }))
  if (config.runPer === 'notification') return alone
  const own = alone.filter(({ place }) => place.isOwnChange)
  const shared = alone.filter(({ place }) => !place.isOwnChange)
  const together = shared.flatMap((run) => run.notifications)
  if (distinct(together).length <= 1) return alone
  return [{ notifications: together, place: placeOf(config, organizationId, null) }, ...own]
}

function placeOf(
  config: JobConfig,
  organizationId: string,
  notification: EnvelopeNotification | null,
): RunPlace {
  const sObject = notification?.sObject ?? null
  return placeRun(config, {
    organizationId,
    recordId: sObject?.recordId ?? null,
    valueOf: (field) => fieldText(sObject, field),
  })
}

/** The first of each id. */
function distinct(notifications: readonly EnvelopeNotification[]): readonly EnvelopeNotification[] {
  if (notifications.length === 1) return notifications
  const byId = new Map(notifications.toReversed().map((each) => [each.notificationId, each]))
  return byId.size === notifications.length
    ? notifications
    : notifications.filter((each) => byId.get(each.notificationId) === each)
}

/** Length and checksum: it is for people to be told by, and nothing is decided by it. */
function contentMarkOf({ sObject }: EnvelopeNotification): string {
  if (sObject === null) return ''
  let content = `${sObject.type}\0${sObject.recordId}`
  for (const { name, value, nil } of sObject.fields) {
    content += `\0${name}${nil ? '' : `\0${value}`}`
  }
  return `${content.length.toString(36)}.${crc32(content).toString(36)}`
}
