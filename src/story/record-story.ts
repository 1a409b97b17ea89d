import type { Instant } from '../base/clock.ts'
import type { JobStore } from '../jobs/job-store.ts'
import type { EmailOverview, MailStore } from '../mail/mail-store.ts'
import type { OrgStore } from '../org/org-store.ts'
import type { TimeQueueStore } from '../org/time-queue/time-queue-store.ts'
import type { TraceStore } from '../org/trace/trace-store.ts'
import type { OutboxStore } from '../outbox/outbox-store.ts'
import type { ObjectDefinition } from '../schema/object-definition.ts'
import type { OrgRecord } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'
import { recordNameOf } from '../schema/record-name.ts'
import { type ReasonPorts, readReasons } from './reasons.ts'
import { recordStateOf } from './record-facts.ts'
import { notificationsOf, type StoryNotification } from './story-notification.ts'
import { type StoryTimeEntry, timeEntriesOf } from './time-events.ts'
import { type StoryEvent, timelineOf } from './timeline.ts'

/** One record's way through both wings, as far as it is still kept. */
export type RecordStory = {
  readonly recordId: RecordId
  /** Null: no object has ids like it. */
  readonly objectName: string | null
  /** Null: it has none, or its name is a secret. */
  readonly name: string | null
  /** `unknown`: there never was such a record here. */
  readonly recordState: 'exists' | 'deleted' | 'unknown'
  /** Everything that is known to have happened, in order. */
  readonly events: readonly StoryEvent[]
  /** In the order they were made. */
  readonly notifications: readonly StoryNotification[]
  /** E-mails that wait still, with the reason where an attempt was made. */
  readonly waitingEmails: readonly WaitingEmail[]
  /** What time triggers and scheduled paths queued for it, the next due first. */
  readonly timeEntries: readonly StoryTimeEntry[]
  /** False: there is more than a story holds, so some steps are missing. */
  readonly isComplete: boolean
}

/** An e-mail that is owed still. */
export type WaitingEmail = {
  readonly emailId: RecordId
  readonly dueAt: Instant
  readonly reason: string | null
}

/** What a story is read from. */
export type StoryPorts = ReasonPorts & {
  readonly organizationId: RecordId
  readonly records: Pick<OrgStore, 'readRecords'>
  readonly outbox: Pick<OutboxStore, 'attempted'>
  readonly jobs: Pick<JobStore, 'runsOf'>
  readonly traces: Pick<TraceStore, 'list'>
  readonly mail: Pick<MailStore, 'listEmails'>
  readonly timeQueue: Pick<TimeQueueStore, 'list'>
}

/** A story holds so many steps of a kind at the most. */
const OWED_MAX = 500
const ATTEMPTED_MAX = 1000
const RUNS_MAX = 1000
const SAVES_MAX = 20
const EMAILS_MAX = 500
const TIME_ENTRIES_MAX = 200

/** Tells what became of a record: its saves, what they owed, each attempt, and the job runs in this house. */
export async function tellRecordStory(ports: StoryPorts, recordId: RecordId): Promise<RecordStory> {
  const { outbox, jobs } = ports
  const definitions = await ports.definitions()
  const object = definitions.objectOfId(recordId)
  const [record, traces, queued, emails, owed] = await Promise.all([
    readRecord(ports, recordId, object),
    ports.traces.list({ recordId, limit: SAVES_MAX }),
    ports.timeQueue.list({ recordId, limit: TIME_ENTRIES_MAX }),
    ports.mail.listEmails({ recordId, limit: EMAILS_MAX, offset: 0 }),
    outbox.list({ recordId, limit: OWED_MAX }),
  ])
  // After the list: what is delivered in between is told as delivered, and not as gone.
  const attempted = await outbox.attempted({ recordId, limit: ATTEMPTED_MAX })
  const notificationIds = [...owed, ...attempted].map((each) => each.notificationId)
  const [runs, reasons] = await Promise.all([
    jobs.runsOf({
      organizationId: ports.organizationId,
      notificationIds: [...new Set(notificationIds)],
      limit: RUNS_MAX,
    }),
    readReasons(ports, owed),
  ])
  const keyOf = (id: RecordId) => definitions.messageOfId(id)?.key ?? id
  const notifications = notificationsOf({ owed, attempted, runs, reasons, keyOf })
  const timeEntries = timeEntriesOf(queued, ports.clock.now())
  return {
    recordId,
    objectName: object?.name ?? owed[0]?.objectName ?? null,
    name: recordNameOf(object, record),
    recordState: recordStateOf(record),
    events: timelineOf(record, notifications, { traces, emails, timeEntries }),
    notifications,
    waitingEmails: emails.filter(({ state }) => state === 'waiting').map(waitingEmail),
    timeEntries,
    isComplete:
      emails.length < EMAILS_MAX &&
      queued.length < TIME_ENTRIES_MAX &&
      owed.length < OWED_MAX &&
      attempted.length < ATTEMPTED_MAX &&
      runs.length < RUNS_MAX,
  }
}

function waitingEmail({ emailId, dueAt, reason }: EmailOverview): WaitingEmail {
  return { emailId, dueAt, reason }
}

async function readRecord(
  { records }: StoryPorts,
  recordId: RecordId,
  object: ObjectDefinition | undefined,
): Promise<OrgRecord | null> {
  if (!object) return null
  const ids = [recordId]
  const asked = { kind: 'ids', objectName: object.name, ids, includeDeleted: true } as const
  const { records: found } = await records.readRecords([asked])
  return found[0] ?? null
}
