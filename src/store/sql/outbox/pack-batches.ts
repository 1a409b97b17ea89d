import type { Notification } from '../../../outbox/notification.ts'
import type { LeasedBatch, SettledBatch } from '../../../outbox/outbox-store.ts'
import type { Settlement } from '../../../outbox/settle.ts'
import { type PackedRows, packRows } from '../pack-rows.ts'

/** A leased batch on its way from the store's thread. */
export type PackedBatch = Omit<LeasedBatch, 'notifications'> & {
  readonly notifications: PackedRows
}

/** A settled batch on its way to the store's thread; null for settlements: all are delivered. */
export type PackedSettled = Omit<SettledBatch, 'settlements'> & {
  readonly notifications: PackedRows
  readonly settlements: readonly Settlement[] | null
}

const LEASED = [
  'notificationId',
  'outboundMessageId',
  'objectName',
  'recordId',
  'ruleFullName',
  'createdAt',
  'expiresAt',
  'dueAt',
  'attemptCount',
  'refusalCount',
  'batchLimit',
  'isRegrown',
  'failureReason',
] as const

export function packBatch(batch: LeasedBatch): PackedBatch {
  return { ...batch, notifications: packRows(batch.notifications, LEASED) }
}

/** The batch as it was. Written out name by name: objects made in a loop over names take five times as long. */
export function unpackBatch({ notifications, ...batch }: PackedBatch): LeasedBatch {
  const [ids = [], messages, objects, records, rules, created, expires, due, ...counts] =
    notifications.columns
  const [attempts, refusals, limits, regrown, reasons] = counts
  return {
    ...batch,
    notifications: ids.map(
      (id, at) =>
        ({
          notificationId: id,
          outboundMessageId: messages?.[at],
          objectName: objects?.[at],
          recordId: records?.[at],
          ruleFullName: rules?.[at],
          createdAt: created?.[at],
          expiresAt: expires?.[at],
          dueAt: due?.[at],
          attemptCount: attempts?.[at],
          refusalCount: refusals?.[at],
          batchLimit: limits?.[at],
          isRegrown: regrown?.[at],
          failureReason: reasons?.[at],
        }) as Notification,
    ),
  }
}

type Attempted = SettledBatch['settlements'][number]['notification']

/** What is kept of a notification in its attempt. */
const ATTEMPTED = ['notificationId', 'recordId', 'ruleFullName', 'createdAt'] as const

export function packSettled({ settlements, ...batch }: SettledBatch): PackedSettled {
  const isDelivered = settlements.every(({ settlement }) => settlement.kind === 'delivered')
  return {
    ...batch,
    notifications: packRows(
      settlements.map((each) => each.notification),
      ATTEMPTED,
    ),
    settlements: isDelivered ? null : settlements.map((each) => each.settlement),
  }
}

const DELIVERED: Settlement = { kind: 'delivered' }

export function unpackSettled({
  notifications,
  settlements,
  ...batch
}: PackedSettled): SettledBatch {
  const [ids = [], records, rules, created] = notifications.columns
  return {
    ...batch,
    settlements: ids.map((id, at) => ({
      notification: {
        notificationId: id,
        recordId: records?.[at],
        ruleFullName: rules?.[at],
        createdAt: created?.[at],
      } as Attempted,
      settlement: settlements?.[at] ?? DELIVERED,
    })),
  }
}
