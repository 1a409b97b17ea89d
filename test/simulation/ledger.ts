import type { Instant } from '../../src/base/clock.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import type { Host } from './host.ts'
import { isHeld, type Snapshot } from './snapshot.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What an attempt came to, as the simulated listener knows it. */
export type Answer = 'acknowledged' | 'refused' | 'unanswered'

/** A lease as it was taken, and what came of the attempts under it. */
export type TakenLease = {
  readonly token: string
  readonly host: Host
  readonly laneId: string
  readonly isProbe: boolean
  readonly notificationIds: ReadonlySet<string>
  /** The step at which it was taken: the start of its attempt. */
  readonly step: number
  /** By notification. */
  readonly answers: Map<string, { readonly answer: Answer; readonly at: Instant }>
  /** Its process took the same under another lease too. */
  isDoubtful: boolean
}

/** What is owed, as the world outside the store knows it. */
export type Owed = {
  readonly notificationId: RecordId
  readonly outboundMessageId: RecordId
  readonly recordId: RecordId
  readonly createdAt: Instant
  /** When its present lifetime began, and how long its message had been on hold until then. */
  livesFrom: Instant
  heldBefore: number
  /** `Ledger.troubledMs` when it was committed. */
  readonly troubledBefore: number
  fate: 'waiting' | 'delivered' | 'expired' | 'deleted'
  deliveredAt: Instant | null
}

/** A broken promise: which, and how. */
export type Violation = { readonly promise: string; readonly text: string }

/** What the invariants go by: kept beside the store, of what was seen to happen. */
export type Ledger = {
  readonly owed: Map<RecordId, Owed>
  /** Ids that were never committed: nobody may ever hear of them. */
  readonly neverOwed: Set<string>
  readonly leases: Map<string, TakenLease>
  readonly violations: Violation[]
  /** The last things that happened, for people. */
  readonly trace: string[]
  /** Something happened to a sender; what waits may wait longer for so long. */
  trouble(ms: number): void
  /** How long in all, up to now, there was such trouble. */
  troubledMs(): number
  broken(promise: string, text: string): void
  note(text: string): void
  /** Counts time on hold up to now; called before anything changes. */
  countHolds(snapshot: Snapshot): void
  /** How long the message has been on hold in all. */
  heldMs(messageId: RecordId): number
  /** How much of its lifetime the notification has had. */
  livedMs(owed: Owed): number
}

const TRACE_MAX = 400

/** Opens an empty ledger. */
export function openLedger(time: VirtualTime): Ledger {
  const held = new Map<RecordId, number>()
  const trace: string[] = []
  const violations: Violation[] = []
  let countedAt = time.now()
  let [troubledBefore, troubledFrom, troubledUntil] = [0, time.now(), time.now()]
  const heldMs = (messageId: RecordId) => held.get(messageId) ?? 0
  return {
    owed: new Map(),
    neverOwed: new Set(),
    leases: new Map(),
    violations,
    trace,
    trouble: (ms) => {
      const now = time.now()
      if (now > troubledUntil) {
        troubledBefore += troubledUntil - troubledFrom
        troubledFrom = now
      }
      troubledUntil = Math.max(troubledUntil, now + ms)
    },
    troubledMs: () => troubledBefore + Math.min(time.now(), troubledUntil) - troubledFrom,
    broken: (promise, text) => void violations.push({ promise, text }),
    note: (text) => {
      trace.push(`${String(time.step()).padStart(6)} ${clockText(time)} ${text}`)
      if (trace.length > TRACE_MAX) trace.shift()
    },
    countHolds: (snapshot) => {
      const passed = time.now() - countedAt
      countedAt = time.now()
      if (passed === 0) return
      for (const messageId of snapshot.messages.keys()) {
        if (isHeld(snapshot, messageId)) held.set(messageId, heldMs(messageId) + passed)
      }
    },
    heldMs,
    livedMs: ({ livesFrom, heldBefore, outboundMessageId }) =>
      time.now() - livesFrom - (heldMs(outboundMessageId) - heldBefore),
  }
}

function clockText(time: VirtualTime): string {
  return new Date(time.now()).toISOString().slice(8, 23)
}
