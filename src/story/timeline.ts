import type { Instant } from '../base/clock.ts'
import { firedByText } from '../base/fired-by.ts'
import { unreachable } from '../base/unreachable.ts'
import type { NotificationRun } from '../jobs/job-store.ts'
import type { EmailOverview } from '../mail/mail-store.ts'
import type { SaveTrace } from '../org/trace/save-trace.ts'
import type { OrgRecord } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'
import { recordStateOf } from './record-facts.ts'
import { saveEvents } from './save-events.ts'
import type { SaveVerdict } from './save-verdicts.ts'
import type { StoryAttempt, StoryNotification } from './story-notification.ts'
import { type StoryTimeEntry, timeEvents } from './time-events.ts'

/** One step of a record's way, with a text for people and the ids of what it is about. */
export type StoryEvent = {
  readonly at: Instant
  readonly kind:
    | 'recordSaved' // or refused, as its trace tells it
    | 'recordCreated' // where no trace tells it
    | 'recordChanged' // its last save, where no trace tells it
    | 'recordDeleted'
    | 'dueLater' // put in the time queue
    | 'dueEnded' // carried out, removed or given up
    | 'notificationQueued'
    | 'attempted'
    | 'notificationExpired'
    | 'emailQueued'
    | 'emailSettled' // sent, trapped, given up, or addressed to nobody
    | 'runQueued'
    | 'runStarted' // its last attempt
    | 'runEnded'
  readonly text: string
  readonly notificationId: RecordId | null
  readonly emailId: RecordId | null
  readonly attemptId: string | null
  readonly runId: string | null
  readonly traceId: string | null
  /** Of the time queue. */
  readonly entryId?: string
  /** What a save made of each rule. */
  readonly verdicts: readonly SaveVerdict[]
}

const NOBODY = {
  notificationId: null,
  emailId: null,
  attemptId: null,
  runId: null,
  traceId: null,
  verdicts: [],
}

/** All steps in order; steps of one instant in the order in which one leads to the other. */
export function timelineOf(
  record: OrgRecord | null,
  notifications: readonly StoryNotification[],
  {
    traces = [],
    emails = [],
    timeEntries = [],
  }: {
    traces?: readonly SaveTrace[]
    emails?: readonly EmailOverview[]
    timeEntries?: readonly StoryTimeEntry[]
  } = {},
): readonly StoryEvent[] {
  const events = [
    ...recordEvents(record, traces),
    ...saveEvents(traces),
    ...timeEvents(timeEntries),
    ...notifications.map(queuedEvent),
    ...notifications.flatMap((each) => [...attemptEvents(each), ...expiryEvents(each)]),
    ...emails.flatMap(emailEvents),
    ...notifications.flatMap((each) => each.runs.flatMap((run) => runEvents(each, run))),
  ]
  return events.toSorted((one, other) => one.at - other.at)
}

/** What the record itself says of its saves, unless a trace says it better. */
function recordEvents(
  record: OrgRecord | null,
  traces: readonly SaveTrace[],
): readonly StoryEvent[] {
  if (!record) return []
  const isTold = traces.some(({ version }) => version === record.version)
  const isCreationTold = traces.some(({ version }) => version === 1)
  const [createdAt, savedAt] = [
    instantIn(record, 'CreatedDate'),
    instantIn(record, 'SystemModstamp'),
  ]
  const events: StoryEvent[] = []
  if (createdAt !== null && !isCreationTold) {
    events.push({ ...NOBODY, at: createdAt, kind: 'recordCreated', text: 'the record was created' })
  }
  if (savedAt === null || traces.some(isItsDeletion)) return events
  if (recordStateOf(record) === 'deleted') {
    events.push({ ...NOBODY, at: savedAt, kind: 'recordDeleted', text: 'the record was deleted' })
  } else if (record.version > 1 && !isTold) {
    const text = `the record was changed last (its version ${record.version})`
    events.push({ ...NOBODY, at: savedAt, kind: 'recordChanged', text })
  }
  return events
}

function isItsDeletion({ change, outcome }: SaveTrace): boolean {
  return change === 'deleted' && outcome === 'saved'
}

function instantIn({ fields }: OrgRecord, name: string): Instant | null {
  const value = fields[name]
  return typeof value === 'string' ? Date.parse(value) : null
}

function queuedEvent(notification: StoryNotification): StoryEvent {
  const { notificationId, firedBy, createdAt } = notification
  const verb = firedBy.startsWith('flow') ? 'ran' : 'fired'
  return {
    ...NOBODY,
    at: createdAt,
    kind: 'notificationQueued',
    text: `${firedBy} ${verb}: ${notification.outboundMessage} owes ${notificationId}`,
    notificationId,
  }
}

function attemptEvents({ notificationId, attempts }: StoryNotification): readonly StoryEvent[] {
  return attempts.map((attempt, index) => ({
    ...NOBODY,
    at: attempt.startedAt,
    kind: 'attempted',
    text: `attempt ${index + 1} of ${notificationId} ${outcomeText(attempt)}`,
    notificationId,
    attemptId: attempt.attemptId,
  }))
}

function outcomeText({ outcome, durationMs, httpStatus, reason }: StoryAttempt): string {
  const status = httpStatus === null ? '' : `, HTTP ${httpStatus}`
  const why = reason === null ? '' : `: ${reason}`
  switch (outcome) {
    case 'acknowledged':
      return `was acknowledged (${durationMs} ms${status})`
    case 'refused':
      return `was refused (${durationMs} ms${status})${why}`
    case 'unanswered':
      return `went unanswered (${durationMs} ms${status})${why}`
    case 'unsent':
      return `was not sent${why}`
    default:
      return unreachable(outcome)
  }
}

/** When it was owed, and what became of it. */
function emailEvents(email: EmailOverview): readonly StoryEvent[] {
  const { emailId, about, ruleFullName, settledAt } = email
  const what = about.kind === 'alert' ? about.alertKey : `an assignment to ${about.assigneeId}`
  const queued: StoryEvent = {
    ...NOBODY,
    at: email.createdAt,
    kind: 'emailQueued',
    text: `${firedByText(ruleFullName)} owes the e-mail ${emailId}: ${what}`,
    emailId,
  }
  if (settledAt === null) return [queued]
  const text = `the e-mail ${emailId} ${becameText(email)}`
  return [queued, { ...NOBODY, at: settledAt, kind: 'emailSettled', text, emailId }]
}

function becameText({ state, recipients, reason }: EmailOverview): string {
  const why = reason === null ? '' : `: ${reason}`
  switch (state) {
    case 'sent':
      return `was sent to ${recipients}${why}`
    case 'trapped':
      return `was trapped, for ${recipients}`
    case 'noRecipients':
      return `has nobody to go to${why}`
    default:
      return `was given up${why}`
  }
}

function expiryEvents(notification: StoryNotification): readonly StoryEvent[] {
  const { notificationId, expiredAt, failureReason } = notification
  if (expiredAt === null) return []
  const why = failureReason === null ? '' : `: ${failureReason}`
  const text = `${notificationId} was given up, and is a dead letter${why}`
  return [{ ...NOBODY, at: expiredAt, kind: 'notificationExpired', text, notificationId }]
}

function runEvents(
  { notificationId }: StoryNotification,
  run: NotificationRun,
): readonly StoryEvent[] {
  const { runId, jobConfigId, replayOf, startedAt, finishedAt } = run
  const about = { ...NOBODY, notificationId, runId }
  const origin =
    replayOf === null
      ? `job config ${jobConfigId} accepted ${notificationId}`
      : `${run.submittedBy} replayed run ${replayOf}`
  const events: StoryEvent[] = [
    { ...about, at: run.queuedAt, kind: 'runQueued', text: `${origin}: run ${runId}` },
  ]
  if (startedAt !== null) {
    const attempt = run.attemptCount > 1 ? ` its attempt ${run.attemptCount}` : ''
    events.push({
      ...about,
      at: startedAt,
      kind: 'runStarted',
      text: `run ${runId} started${attempt}`,
    })
  }
  if (finishedAt !== null) {
    const text = `run ${runId} is ${run.status}${endOf(run)}`
    events.push({ ...about, at: finishedAt, kind: 'runEnded', text })
  }
  return events
}

/** Why it ended so; a reason says the return code too. */
function endOf({ failureReason, returnCode }: NotificationRun): string {
  if (failureReason !== null) return `: ${failureReason}`
  return returnCode === null ? '' : `, return code ${returnCode}`
}
