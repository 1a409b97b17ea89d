import { SECOND_MS } from '../../src/base/clock.ts'
import type { NewNotification } from '../../src/outbox/notification.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import type { PackedSettled } from '../../src/store/sql/outbox/pack-batches.ts'
import type { Host } from './host.ts'
import type { Committed } from './in-process-store.ts'
import type { Ledger, TakenLease } from './ledger.ts'
import { isHeld, type Lane, type Row, type Snapshot } from './snapshot.ts'
import type { VirtualTime } from './virtual-time.ts'

// Every committed transaction is looked at as what it changed: each change must be one that somebody may make,
// whichever op made it. The numbers are written down here again, so that a slip in the code is none here too.

const LIFETIME_MS = 24 * 3600 * SECOND_MS
const RETRY_FIRST_MS = 30 * SECOND_MS
const RETRY_MAX_MS = 2 * 3600 * SECOND_MS
const BREAKER_FAILURES = 5
const PROBE_MAX = 10
const PROBE_MS_MAX = 60 * SECOND_MS
/** What asking takes: between reading the clock and committing. */
const SLACK_MS = SECOND_MS

/** Judges a transaction by the states before and after it. */
export type Audit = (committed: Committed) => void

type Change = {
  readonly committed: Committed
  readonly before: Snapshot
  readonly after: Snapshot
}

/** Opens the audit of a store that is empty. */
export function openAudit(time: VirtualTime, ledger: Ledger, read: () => Snapshot): Audit {
  let before = read()
  const auditor = { time, ledger }
  return (committed) => {
    ledger.countHolds(before)
    const after = read()
    if (after !== before) judge(auditor, { committed, before, after })
    else if (committed.op === 'org.commit') judgeSave(auditor, { committed, before, after })
    before = after
  }
}

type Auditor = { readonly time: VirtualTime; readonly ledger: Ledger }

function judge(auditor: Auditor, change: Change): void {
  const { before, after, committed } = change
  const { ledger } = auditor
  const touched: string[] = []
  noteLeases(auditor, change)
  for (const [id, row] of after.rows) {
    const was = before.rows.get(id)
    if (!was) judgeNew(auditor, change, row)
    else if (judgeChanged(auditor, change, { was, row })) touched.push(id)
  }
  if (committed.op === 'org.commit') judgeSave(auditor, change)
  for (const [id, was] of before.rows) {
    if (after.rows.has(id)) continue
    touched.push(id)
    judgeGone(auditor, change, was)
  }
  judgeLanes(auditor, change)
  judgeLeases(auditor, after)
  if (touched.length > 0) {
    ledger.note(`${committed.host.name} ${committed.op}: ${touched.length} changed`)
  }
}

/** Writes new leases down: who took what, in which lane. */
function noteLeases({ time, ledger }: Auditor, { committed, before, after }: Change): void {
  for (const [token, slot] of after.slots) {
    if (before.slots.has(token)) continue
    const notificationIds = new Set<string>(JSON.parse(slot.notification_ids) as string[])
    const { host } = committed
    const isProbe = slot.is_probe === 1
    ledger.leases.set(token, {
      token,
      host,
      laneId: slot.lane_id,
      isProbe,
      notificationIds,
      step: time.step(),
      answers: new Map(),
      isDoubtful: false,
    })
    const lane = before.lanes.get(slot.lane_id)
    ledger.note(
      `${host.name} leased ${notificationIds.size} for ${lane?.endpoint_url}${isProbe ? ' as a probe' : ''}`,
    )
    judgeTaking({ time, ledger }, { after, lane, token, ids: notificationIds })
  }
}

/** A lane is not served while it is on hold or its breaker is open, and a probe goes alone. */
function judgeTaking(
  { time, ledger }: Auditor,
  {
    after,
    lane,
    token,
    ids,
  }: {
    readonly after: Snapshot
    /** As it was before. */
    readonly lane: Lane | undefined
    readonly token: string
    readonly ids: ReadonlySet<string>
  },
): void {
  const isProbe = after.slots.get(token)?.is_probe === 1
  if (!lane) {
    ledger.broken('lanes', 'a slot was leased in a lane that is not there')
    return
  }
  if (isProbe !== lane.failure_count >= BREAKER_FAILURES) {
    ledger.broken('breaker', `${lane.failure_count} unanswered, and isProbe is ${isProbe}`)
  }
  if (!isProbe) return
  if ((lane.probe_at ?? 0) > time.now()) {
    ledger.broken('breaker', `${lane.endpoint_url} was served ${lane.probe_at} before its probe`)
  }
  if (ids.size > PROBE_MAX) ledger.broken('breaker', `a probe took ${ids.size}`)
  const probes = [...after.slots.values()].filter(
    (slot) => slot.lane_id === lane.lane_id && slot.is_probe === 1,
  )
  if (probes.length > 1) {
    ledger.broken('breaker', 'a second probe went while one was on its way')
  }
}

/** What is new must come from a save, and be what the save owed. */
function judgeNew({ ledger }: Auditor, { committed }: Change, row: Row): void {
  const owed = (committed.ask as { notifications?: readonly NewNotification[] }).notifications
  const known = owed?.find((each) => each.notificationId === row.notification_id)
  if (committed.op !== 'org.commit' || !known) {
    ledger.broken('P1', `${committed.op} made the notification ${row.notification_id}`)
  } else if (row.state !== 'waiting' || row.lease_token !== null || row.attempt_count !== 0) {
    ledger.broken('P1', `${row.notification_id} was not new when it came`)
  }
}

/** A save that was committed owes all of its notifications, from then on; a refused one none. */
function judgeSave({ ledger }: Auditor, { committed, after }: Change): void {
  const { notifications } = committed.ask as { notifications: readonly NewNotification[] }
  const arrived = notifications.filter((each) => after.rows.has(each.notificationId))
  const isRefused = (committed.answer as readonly unknown[]).length > 0
  if (arrived.length !== (isRefused ? 0 : notifications.length)) {
    const which = isRefused ? 'refused' : 'committed'
    ledger.broken('P1', `a ${which} save of ${notifications.length} owes ${arrived.length}`)
  }
  for (const { notificationId, outboundMessageId, recordId, createdAt } of arrived) {
    ledger.neverOwed.delete(notificationId)
    ledger.owed.set(notificationId, {
      notificationId,
      outboundMessageId,
      recordId,
      createdAt,
      livesFrom: createdAt,
      heldBefore: ledger.heldMs(outboundMessageId),
      troubledBefore: ledger.troubledMs(),
      fate: 'waiting',
      deliveredAt: null,
    })
  }
}

/** Answers whether anything but the lease changed. */
function judgeChanged(
  auditor: Auditor,
  change: Change,
  { was, row }: { was: Row; row: Row },
): boolean {
  const { ledger } = auditor
  const id = row.notification_id
  if (was.outbound_message_id !== row.outbound_message_id || was.record_id !== row.record_id) {
    ledger.broken('P3', `${id} became another's`)
  }
  if (was.lease_token !== row.lease_token) {
    // One op may do both: free what lapsed, and take it anew.
    if (was.lease_token !== null) judgeGivenBack(auditor, change, was)
    if (row.lease_token !== null) judgeTaken(auditor, change, was)
  }
  const isAttempted = was.attempt_count !== row.attempt_count
  if (isAttempted) judgeAttempted(auditor, change, { was, row })
  else judgeUnattempted(auditor, change, { was, row })
  if (was.state === 'waiting' && row.state === 'expired') judgeExpired(auditor, row)
  return isAttempted || was.state !== row.state || was.due_at !== row.due_at
}

function judgeTaken({ time, ledger }: Auditor, { before, after }: Change, was: Row): void {
  const id = was.notification_id
  const token = after.rows.get(id)?.lease_token ?? ''
  if (!ledger.leases.get(token)?.notificationIds.has(id)) {
    ledger.broken('P7', `${id} is taken, and no slot says so`)
  }
  if (was.state !== 'waiting') ledger.broken('P2', `${id} was taken though it is a dead letter`)
  if (isHeld(before, was.outbound_message_id)) {
    ledger.broken('hold', `${id} was taken while it is on hold`)
  }
  const laneId = before.messages.get(was.outbound_message_id)?.lane_id ?? ''
  const isOpen = (before.lanes.get(laneId)?.failure_count ?? 0) >= BREAKER_FAILURES
  if (was.due_at > time.now() && !isOpen) {
    ledger.broken('back-off', `${id} was taken ${was.due_at - time.now()} ms before it was due`)
  }
}

/** Only its holder gives it back, or the lapse of the lease. */
function judgeGivenBack({ time, ledger }: Auditor, { committed, before }: Change, was: Row): void {
  const slot = before.slots.get(was.lease_token ?? '')
  const isLapsed = slot === undefined || slot.leased_until <= time.now()
  if (!isLapsed && !holderOf(ledger, committed.host, was)) {
    ledger.broken('P7', `${was.notification_id} was freed by one who does not hold it`)
  }
}

/** The lease under which this process holds the row; null when it is not its own. */
function holderOf(ledger: Ledger, host: Host, was: Row): TakenLease | null {
  const lease = ledger.leases.get(was.lease_token ?? '')
  return lease?.host === host ? lease : null
}

/** An attempt was written down: by its holder, after its answer, by the schedule. */
function judgeAttempted(
  { time, ledger }: Auditor,
  { committed, before }: Change,
  { was, row }: { was: Row; row: Row },
): void {
  const id = row.notification_id
  const lease = holderOf(ledger, committed.host, was)
  if (!lease || !before.slots.has(lease.token)) {
    ledger.broken('P7', `${id} was settled by ${committed.host.name}, who does not hold it`)
    return
  }
  if (row.attempt_count !== was.attempt_count + 1) {
    ledger.broken(
      'back-off',
      `${id} went from ${was.attempt_count} to ${row.attempt_count} attempts`,
    )
  }
  const answered = lease.answers.get(id)
  if (answered === undefined || answered.answer === 'acknowledged') {
    ledger.broken('P2', `${id} failed in an attempt that came to ${answered?.answer}`)
    return
  }
  if (row.batch_limit < was.batch_limit) {
    if (answered.answer !== 'refused') {
      ledger.broken('halving', `${id} was halved, ${answered.answer}`)
    }
    if (row.refusal_count < 2) ledger.broken('halving', `${id} was halved at the first refusal`)
  }
  if (row.state !== 'waiting') return
  const backOff = Math.min(RETRY_FIRST_MS * 2 ** was.attempt_count, RETRY_MAX_MS)
  // Where its message goes elsewhere since, it is due there at once.
  const isMoved = before.messages.get(row.outbound_message_id)?.lane_id !== lease.laneId
  if (isMoved && row.due_at <= time.now()) return
  const isOnTime = row.due_at >= answered.at + backOff && row.due_at <= time.now() + backOff
  if (!isOnTime) {
    const ms = row.due_at - answered.at
    ledger.broken('back-off', `attempt ${row.attempt_count} of ${id} is followed after ${ms} ms`)
  }
}

/** Something else changed: a person's retry, time on hold, a lane that recovered, the end of a lifetime. */
function judgeUnattempted(
  { time, ledger }: Auditor,
  { committed, before }: Change,
  { was, row }: { was: Row; row: Row },
): void {
  const id = row.notification_id
  const owed = ledger.owed.get(row.notification_id)
  if (was.state === 'expired' && row.state === 'waiting') {
    if (committed.op !== 'outbox.retry') ledger.broken('P2', `${committed.op} revived ${id}`)
    if (owed) {
      owed.fate = 'waiting'
      owed.livesFrom = time.now()
      owed.heldBefore = ledger.heldMs(row.outbound_message_id)
    }
  } else if (row.expires_at < was.expires_at) {
    ledger.broken('P2', `${committed.op} shortened the life of ${id}`)
  }
  if (was.due_at === row.due_at) return
  if (committed.op === 'outbox.retry' || committed.op === 'outbox.hastenMessage') return // a person; a new URL
  const laneId = before.messages.get(row.outbound_message_id)?.lane_id
  const recovered = [...ledger.leases.values()].some(
    ({ host, isProbe, answers, ...lease }) =>
      host === committed.host &&
      isProbe &&
      [...answers.values()].some(({ answer }) => answer === 'acknowledged') &&
      lease.laneId === laneId,
  )
  if (!recovered) ledger.broken('breaker', `${id} was hastened in a lane that did not recover`)
}

function judgeExpired({ ledger }: Auditor, row: Row): void {
  const owed = ledger.owed.get(row.notification_id)
  if (!owed) return
  owed.fate = 'expired'
  const lived = ledger.livedMs(owed)
  if (lived < LIFETIME_MS - SLACK_MS) {
    ledger.broken('P2', `${row.notification_id} expired after ${lived} ms off hold`)
  }
}

/** It left the outbox: with an Ack that its holder heard, or at a person's word. */
function judgeGone({ time, ledger }: Auditor, { committed, before }: Change, was: Row): void {
  const id = was.notification_id
  const owed = ledger.owed.get(id)
  if (committed.op === 'outbox.del') {
    if (owed) owed.fate = 'deleted'
    return
  }
  const lease = holderOf(ledger, committed.host, was)
  if (!lease || !before.slots.has(lease.token)) {
    ledger.broken('P7', `${id} was taken out by ${committed.host.name}, no holder`)
    return
  }
  const answer = lease.answers.get(id)?.answer
  if (answer !== 'acknowledged') {
    ledger.broken('P2', `${id} left the outbox after an attempt ${answer}`)
    return
  }
  if (!owed) return
  owed.fate = 'delivered'
  owed.deliveredAt = time.now()
}

/** A lane's count follows the attempts that were settled in it. */
function judgeLanes({ time, ledger }: Auditor, { committed, before, after }: Change): void {
  for (const [laneId, lane] of after.lanes) {
    const was = before.lanes.get(laneId)
    if (!was) continue
    const freed = [...before.slots.values()].filter(
      (slot) => slot.lane_id === laneId && !after.slots.has(slot.lease_token),
    )
    // Settled late, or freed because it lapsed: it cannot be told which.
    if (freed.some((slot) => slot.leased_until <= time.now())) continue
    const settled = settledIn(committed).filter(
      ({ lease }) => lease.laneId === laneId && before.slots.has(lease.token),
    )
    const isOpen = lane.failure_count >= BREAKER_FAILURES
    if (isOpen !== (lane.probe_at !== null)) {
      ledger.broken('breaker', `${lane.failure_count} unanswered, probe at ${lane.probe_at}`)
    }
    if (lane.probe_at !== null && lane.probe_at !== was.probe_at) {
      if (lane.probe_at > time.now() + PROBE_MS_MAX) ledger.broken('breaker', 'a probe comes late')
    }
    if (settled.length > 1) continue
    const [first] = settled
    const answer = first && ledger.leases.get(first.lease.token)?.answers.get(first.id)?.answer
    const expected =
      answer === undefined ? was.failure_count : answer === 'unanswered' ? was.failure_count + 1 : 0
    if (lane.failure_count !== expected) {
      ledger.broken('breaker', `${was.failure_count} unanswered became ${lane.failure_count}`)
    }
  }
}

/** The batches that an op settled, each by its lease and its first notification. */
function settledIn({ op, ask }: Change['committed']) {
  if (op !== 'outbox.settle') return []
  return (ask as readonly PackedSettled[]).map(({ lease, notifications }) => ({
    lease,
    id: String(notifications.columns[0]?.[0]),
  }))
}

/** What is leased is in the slot of its lease, and has had no answer under it that is settled. */
function judgeLeases({ ledger }: Auditor, { rows, slots }: Snapshot): void {
  for (const { notification_id, lease_token } of rows.values()) {
    if (lease_token === null) continue
    const slot = slots.get(lease_token)
    const ids = slot ? (JSON.parse(slot.notification_ids) as RecordId[]) : []
    if (!ids.includes(notification_id)) {
      ledger.broken('P7', `${notification_id} is leased, and no slot says so`)
    }
  }
}
