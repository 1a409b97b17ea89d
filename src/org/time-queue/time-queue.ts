import { MINUTE_MS, SECOND_MS } from '../../base/clock.ts'
import { errorText } from '../../base/log.ts'
import { type Loop, startLoop } from '../../base/loop.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import { type DueResult, runEntries } from './run-entries.ts'
import { HELD_RETRY_MS, settleFailedTry } from './settle-entry.ts'
import { sourceName } from './time-entry.ts'
import type { EndedEntry, LeasedEntry, PutOffEntry, TimeQueueStore } from './time-queue-store.ts'

/** The loop over what is due later: lease, carry out, settle. Any number of processes may have one. */
export type TimeQueue = {
  /** One pass: takes what is due and carries it out. Tests call this, not the loop. */
  turn(): Promise<'worked' | 'idle'>
  start(): void
  /** Something may be due. Losing it costs a second. */
  nudge(): void
  stop(): Promise<void>
}

type QueuePorts = { readonly org: Org; readonly store: TimeQueueStore }

/** Entries in one turn: as many records as one save may have. */
const BATCH_MAX = 200
/** A turn takes seconds at the most; whoever outlives it carries nothing out. */
const LEASE_MS = MINUTE_MS
const IDLE_MS = SECOND_MS

/** Makes the loop. It does nothing until its turn is called or it is started. */
export function openTimeQueue(ports: QueuePorts): TimeQueue {
  const { store, org } = ports
  let loop: Loop | null = null
  const turn = async () => {
    const leased = await store.lease({
      limit: BATCH_MAX,
      now: org.clock.now(),
      leaseMs: LEASE_MS,
    })
    if (leased.length === 0) return 'idle'
    const byUser = Map.groupBy(leased, ({ entry }) => entry.userId)
    for (const [userId, its] of byUser) await carryOut(ports, its, await runningUser(org, userId))
    return 'worked'
  }
  return {
    turn,
    start: () => {
      loop ??= startLoop(turn, {
        idleMs: IDLE_MS,
        onError: (error) => org.log.error('time.broken', { error: errorText(error) }),
      })
    },
    nudge: () => loop?.nudge(),
    stop: async () => {
      await loop?.stop()
    },
  }
}

/** Who saved the record; who is no longer active is stood in for by the default workflow user. */
async function runningUser(org: Org, userId: RecordId): Promise<RecordId | null> {
  const user = await org.users.userOf(userId)
  if (user?.isActive) return userId
  const { defaultWorkflowUser } = org.definitions().settings
  const standIn =
    defaultWorkflowUser === null ? null : await org.users.userNamed(defaultWorkflowUser)
  if (standIn?.isActive) return standIn.userId
  return user ? userId : null
}

async function carryOut(
  ports: QueuePorts,
  leased: readonly LeasedEntry[],
  userId: RecordId | null,
): Promise<void> {
  if (userId === null) {
    const reason = 'who saved the record is gone: name an active user in org.defaultWorkflowUser'
    return settle(ports, leased, () => ({ kind: 'held', reason }))
  }
  const results = await runEntries(ports.org, leased, userId).catch((error: unknown) => {
    ports.org.log.error('time.broken', { error: errorText(error) })
    return null
  })
  if (results) return settle(ports, leased, (place) => results[place] ?? { kind: 'overtaken' })
  // Something of ours broke: one by one, so that it is alone.
  for (const each of leased) {
    const [result] = await runEntries(ports.org, [each], userId).catch((error: unknown) => [
      { kind: 'broken' as const, reason: errorText(error) },
    ])
    await settle(ports, [each], () => result ?? { kind: 'overtaken' })
  }
}

type Settled = DueResult | { readonly kind: 'broken'; readonly reason: string }

/** Writes down what did not end in the commit. */
async function settle(
  { org, store }: QueuePorts,
  leased: readonly LeasedEntry[],
  resultOf: (place: number) => Settled,
): Promise<void> {
  const now = org.clock.now()
  const putOff: PutOffEntry[] = []
  const givenUp: (EndedEntry & { readonly token: string })[] = []
  for (const [place, { entry, token }] of leased.entries()) {
    const { entryId } = entry
    const reason = reasonOf(resultOf(place))
    if (reason === null) continue
    const told = { entryId, source: sourceName(entry.source), recordId: entry.recordId }
    if (reason.isFailure) {
      const settlement = settleFailedTry(entry, now)
      org.log.warn('time.refused', { ...told, reason: reason.text, settlement: settlement.kind })
      if (settlement.kind === 'again') {
        const { attemptAt } = settlement
        putOff.push({ entryId, token, attemptAt, reason: reason.text, isFailure: true })
      } else {
        givenUp.push({ entryId, token, state: 'failed', reason: reason.text, endedAt: now })
      }
    } else {
      tellHeld(org, told, reason.text)
      const attemptAt = now + HELD_RETRY_MS
      putOff.push({ entryId, token, attemptAt, reason: reason.text, isFailure: false })
    }
  }
  if (putOff.length > 0) await store.putOff(putOff)
  if (givenUp.length > 0) await store.giveUp(givenUp)
}

/** Why an entry was not ended by the commit; null when it was, or is not ours any more. */
function reasonOf(result: Settled): { readonly text: string; readonly isFailure: boolean } | null {
  switch (result.kind) {
    case 'executed':
    case 'removed':
    case 'given up':
    case 'overtaken':
      return null
    case 'held':
      return { text: result.reason, isFailure: false }
    case 'broken':
      return { text: result.reason, isFailure: true }
    case 'refused': {
      const texts = result.errors.map(({ statusCode, message }) => `${statusCode}: ${message}`)
      return { text: texts.join('; ').slice(0, REASON_MAX), isFailure: true }
    }
    default:
      return unreachable(result)
  }
}

const REASON_MAX = 1000

/** A rule that is gone is told of once, not with each of its entries. */
function tellHeld(
  org: Org,
  told: { readonly source: string; readonly recordId: string; readonly entryId: string },
  reason: string,
): void {
  const key = `held ${told.source} ${reason}`
  if (org.toldRemarks.has(key)) return
  org.toldRemarks.add(key)
  org.log.warn('time.held', { ...told, reason })
}
