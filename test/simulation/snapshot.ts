import type { DatabaseSync } from 'node:sqlite'
import type { RecordId } from '../../src/schema/record-id.ts'

/** A notification's row. */
export type Row = {
  readonly notification_id: RecordId
  readonly outbound_message_id: RecordId
  readonly record_id: RecordId
  readonly created_at: number
  readonly expires_at: number
  readonly due_at: number
  readonly attempt_count: number
  readonly refusal_count: number
  readonly batch_limit: number
  readonly state: 'waiting' | 'expired'
  readonly lease_token: string | null
}

export type Lane = {
  readonly lane_id: string
  readonly endpoint_url: string
  readonly failure_count: number
  readonly probe_at: number | null
  readonly held_at: number | null
}

/** A slot that is leased. */
export type Slot = {
  readonly lane_id: string
  readonly lease_token: string
  readonly leased_until: number
  readonly is_probe: number
  readonly notification_ids: string
}

export type Message = {
  readonly outbound_message_id: RecordId
  readonly lane_id: string
  readonly held_at: number | null
}

/** What the store holds of the sending wing between two transactions. */
export type Snapshot = {
  readonly rows: ReadonlyMap<RecordId, Row>
  readonly lanes: ReadonlyMap<string, Lane>
  /** The leased ones, by token. */
  readonly slots: ReadonlyMap<string, Slot>
  readonly messages: ReadonlyMap<RecordId, Message>
}

const NOTIFICATION_COLUMNS =
  'notification_id, outbound_message_id, record_id, created_at, expires_at, due_at, attempt_count, ' +
  'refusal_count, batch_limit, state, lease_token'

/** Opens what reads snapshots; while nothing is written it answers the same one. */
export function openSnapshots(db: DatabaseSync): () => Snapshot {
  const changes = db.prepare('SELECT total_changes() AS count')
  const rows = db.prepare(`SELECT ${NOTIFICATION_COLUMNS} FROM notification`)
  const lanes = db.prepare(
    'SELECT lane_id, endpoint_url, failure_count, probe_at, held_at FROM lane',
  )
  const slots = db.prepare(
    `SELECT lane_id, lease_token, leased_until, is_probe, notification_ids FROM lane_slot
      WHERE lease_token IS NOT NULL`,
  )
  const messages = db.prepare('SELECT outbound_message_id, lane_id, held_at FROM lane_message')
  let last: Snapshot | null = null
  let lastCount = -1
  return () => {
    const count = Number(changes.get()?.['count'])
    if (last && count === lastCount) return last
    lastCount = count
    last = {
      rows: mapped(rows.all() as Row[], (row) => row.notification_id),
      lanes: mapped(lanes.all() as Lane[], (lane) => lane.lane_id),
      slots: mapped(slots.all() as Slot[], (slot) => slot.lease_token),
      messages: mapped(messages.all() as Message[], (message) => message.outbound_message_id),
    }
    return last
  }
}

function mapped<K, V>(list: readonly V[], key: (each: V) => K): ReadonlyMap<K, V> {
  return new Map(list.map((each) => [key(each), each]))
}

/** Whether the outbound message is on hold, itself or through its lane. */
export function isHeld({ messages, lanes }: Snapshot, messageId: RecordId): boolean {
  const message = messages.get(messageId)
  if (!message) return true
  return message.held_at !== null || (lanes.get(message.lane_id)?.held_at ?? null) !== null
}
