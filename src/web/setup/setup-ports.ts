import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Health } from '../../health/judge-health.ts'
import type { JobStore } from '../../jobs/job-store.ts'
import type { MailStore } from '../../mail/mail-store.ts'
import type { OrgDefinitions } from '../../org/org-definitions.ts'
import type { OrgStore } from '../../org/org-store.ts'
import type { TimeQueueStore } from '../../org/time-queue/time-queue-store.ts'
import type { TraceStore } from '../../org/trace/trace-store.ts'
import type { Tried, TryAsk } from '../../org/trace/try-save.ts'
import type { OutboxStore } from '../../outbox/outbox-store.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { BodyReader } from '../request-body.ts'
import type { OrgApi } from '../salesforce/org-api.ts'

/** What Setup's API works with. */
export type SetupPorts = {
  readonly org: Pick<OrgApi, 'sessionUser'>
  readonly organizationId: RecordId
  readonly records: Pick<OrgStore, 'readRecords'>
  readonly outbox: OutboxStore
  readonly jobs: JobStore
  readonly mail: MailStore
  readonly timeQueue: TimeQueueStore
  readonly traces: TraceStore
  /** How things go. */
  health(): Promise<Health>
  /** Null while a sender lives; else for how long none has been seen, null when none was within a day. */
  senderMissed(): Promise<{ readonly seenAgoMs: number | null } | null>
  /** Why nothing can be sent as a user now, as a sentence; null when it can. */
  whyNotAs(username: string): Promise<string | null>
  readonly clock: Clock
  readonly log: Log
  readonly bodies: BodyReader
  /** As the org knows them now. */
  definitions(): Promise<OrgDefinitions>
  /** Decides a save that is not to be written, and tells of it. */
  trySave(ask: TryAsk): Promise<Tried>
  /** Edits that this process left untraced. */
  skippedTraces(): number
  /** Something may be due now. Losing a nudge costs only time. */
  nudgeSender(): void
  nudgeRunner(): void
  nudgeMailer(): void
  nudgeTimeQueue(): void
}
