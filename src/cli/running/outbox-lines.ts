/** A JSON object as `/setup/api` answers it. */
export type Json = Readonly<Record<string, unknown>>

/** A row of `obm outbox list`, under the titles of Salesforce's delivery status page. */
export function notificationRow(notification: Json, lanes: readonly Json[]): Json {
  const { state, createdAt, expiredAt, failureReason, heldReason } = notification
  const isExpired = state === 'expired'
  return {
    Notification: notification.notificationId,
    'Outbound message': notification.outboundMessage,
    Record: notification.recordId,
    Attempts: notification.attemptCount,
    Created: timeText(createdAt),
    'Next attempt': isExpired ? `given up ${timeText(expiredAt)}` : nextText(notification, lanes),
    'Failure reason': [heldReason && `on hold: ${heldReason}`, failureReason]
      .filter((each) => typeof each === 'string')
      .join('; '),
  }
}

function nextText({ isLeased, heldReason, laneId, dueAt }: Json, lanes: readonly Json[]): string {
  if (isLeased === true) return 'being sent'
  if (heldReason !== null) return 'on hold'
  const lane = lanes.find((each) => each.laneId === laneId)
  if (lane && lane.probeAt !== null) return `probe ${timeText(lane.probeAt)}`
  return lane?.isLimited === true ? `limited, ${timeText(dueAt)}` : timeText(dueAt)
}

/** A row of `obm outbox lanes`. */
export function laneRow(lane: Json): Json {
  const messages = lane.outboundMessages as readonly Json[]
  const holds = [
    lane.heldReason,
    ...messages.map(({ outboundMessage, heldReason }) =>
      heldReason === null ? null : `${outboundMessage}: ${heldReason}`,
    ),
  ]
  return {
    Endpoint: lane.endpointUrl,
    'Outbound messages': messages.map((each) => each.outboundMessage).join(', '),
    Waiting: `${lane.waitingCount}${lane.waitingIsAtLeast === true ? ' or more' : ''}`,
    'Being sent': lane.leasedCount,
    Pace: paceText(lane),
    Unanswered: lane.failureCount,
    'Next probe': timeText(lane.probeAt),
    'On hold': holds.filter((each) => typeof each === 'string').join('; '),
    Lane: lane.laneId,
  }
}

function paceText({ pace, pacedBy }: Json): string {
  const { slots, messagesPerSecond } = pace as Json
  const rate = messagesPerSecond === null ? '' : `, ${messagesPerSecond}/s`
  const by = pacedBy === null ? '' : ` (by ${pacedBy})`
  return `${slots} at once${rate}${by}`
}

/** What `obm outbox show` prints: how it stands with one notification, why, and what was tried. */
export function* showLines(notification: Json | null, attempts: readonly Json[]): Iterable<string> {
  if (notification) yield* standingLines(notification)
  else
    yield 'It is owed no more: it was acknowledged, removed, or its time as a dead letter is over.'
  yield ''
  if (attempts.length === 0) {
    yield 'No attempt is in the log.'
    return
  }
  yield 'Attempts, newest first:'
  for (const attempt of attempts) yield* attemptLines(attempt)
  const [last] = attempts
  if (typeof last?.response === 'string' && last.response !== '') {
    yield ''
    yield `The last answer, HTTP ${last.httpStatus}:`
    yield shortened(last.response)
  }
  yield ''
  yield 'With --json each attempt has its request and its answer whole.'
}

function* standingLines(notification: Json): Iterable<string> {
  const { state, attemptCount, refusalCount, batchLimit, expiredAt, failureReason } = notification
  const facts: readonly (readonly [string, unknown])[] = [
    ['Notification', notification.notificationId],
    ['Outbound message', `${notification.outboundMessage} (${notification.outboundMessageId})`],
    ['Record', `${notification.objectName} ${notification.recordId}`],
    ['Fired by', notification.ruleFullName],
    ['State', state === 'expired' ? `expired, a dead letter since ${timeText(expiredAt)}` : state],
    ['Why not sent yet', notification.whyNotYet],
    ['Attempts', attemptsText(Number(attemptCount), Number(refusalCount))],
    ['Failure reason', failureReason],
    ['Sent with others', togetherText(Number(batchLimit), Number(refusalCount))],
    ['Created', timeText(notification.createdAt)],
    ['Next attempt', state === 'waiting' ? timeText(notification.dueAt) : null],
    ['Lifetime ends', state === 'waiting' ? timeText(notification.expiresAt) : null],
  ]
  for (const [title, value] of facts) {
    if (value !== null && value !== undefined) yield `${title.padEnd(18)}${value}`
  }
  if (state === 'expired') {
    yield ''
    yield `obm outbox retry ${notification.notificationId} gives it a new lifetime, obm outbox del removes it.`
  }
}

function attemptsText(attemptCount: number, refusalCount: number): string {
  if (attemptCount === 0) return 'none yet'
  if (refusalCount === 0) return `${attemptCount}`
  return `${attemptCount}, of which ${refusalCount} were answered without an Ack`
}

function togetherText(batchLimit: number, refusalCount: number): string | null {
  if (batchLimit >= 100) return null
  const why = `since ${refusalCount} messages with it were refused`
  return batchLimit === 1 ? `alone, ${why}` : `at most ${batchLimit} in a message, ${why}`
}

function* attemptLines(attempt: Json): Iterable<string> {
  const ids = attempt.notificationIds as readonly unknown[]
  const http = attempt.httpStatus === null ? '' : `, HTTP ${attempt.httpStatus}`
  const others = ['alone', 'with another'][ids.length - 1] ?? `with ${ids.length - 1} others`
  yield `  ${timeText(attempt.startedAt)}  ${attempt.outcome}${http}, ${attempt.durationMs} ms, ${others}, to ${attempt.endpointUrl}`
  if (attempt.reason !== null) yield `      ${attempt.reason}`
}

const SHOWN_MAX = 1000

function shortened(text: string): string {
  const more = text.length - SHOWN_MAX
  return more > 0 ? `${text.slice(0, SHOWN_MAX)}\n[${more} characters more]` : text
}

/** `2026-11-24 12:00:00Z`; `''` for null. */
function timeText(iso: unknown): string {
  return typeof iso === 'string' ? `${iso.slice(0, 19).replace('T', ' ')}Z` : ''
}
