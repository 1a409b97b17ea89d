import type { Session, Setting } from '../../../org/org-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { defineOp, type Op, oneRow, run } from '../op.ts'

export const readPasswordHash = defineOp('org.readPasswordHash', function* (_, userId: RecordId) {
  const row = yield* oneRow('SELECT hash FROM password WHERE user_id = ?', userId)
  return row ? String(row['hash']) : null
})

export const writePasswordHash = defineOp(
  'org.writePasswordHash',
  function* (_, { userId, hash }: { userId: RecordId; hash: string }) {
    yield* run(
      `INSERT INTO password (user_id, hash) VALUES (?, ?)
     ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash`,
      userId,
      hash,
    )
  },
)

export const readSession = defineOp('org.readSession', function* (_, tokenHash: string) {
  const row = yield* oneRow(
    'SELECT user_id, created_at, expires_at FROM session WHERE token_hash = ?',
    tokenHash,
  )
  if (!row) return null
  const session: Session = {
    tokenHash,
    userId: row['user_id'] as RecordId,
    createdAt: Number(row['created_at']),
    expiresAt: Number(row['expires_at']),
  }
  return session
})

export const writeSession = defineOp('org.writeSession', function* (_, session: Session) {
  yield* run(
    `INSERT INTO session (token_hash, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at`,
    session.tokenHash,
    session.userId,
    session.createdAt,
    session.expiresAt,
  )
})

export const deleteSession = defineOp('org.deleteSession', function* (_, tokenHash: string) {
  yield* run('DELETE FROM session WHERE token_hash = ?', tokenHash)
})

export const endSessions = defineOp('org.endSessions', function* (_, userId: RecordId) {
  yield* run('DELETE FROM session WHERE user_id = ?', userId)
})

export const retainSessions = defineOp('org.retainSessions', function* (_, real: number) {
  return yield* run('DELETE FROM session WHERE expires_at <= ?', real)
})

export const readSetting = defineOp('org.readSetting', function* (_, name: string) {
  const row = yield* oneRow('SELECT value FROM setting WHERE name = ?', name)
  return row ? String(row['value']) : null
})

export const writeSetting = defineOp('org.writeSetting', function* (_, setting: Setting) {
  yield* upsertSetting(setting)
})

/** Writes it, whatever it was before. */
export function* upsertSetting({ name, value }: Setting): Op<void> {
  yield* run(
    `INSERT INTO setting (name, value) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    name,
    value,
  )
}

export const claimSetting = defineOp(
  'org.claimSetting',
  function* (_, { name, value }: { name: string; value: string }) {
    yield* run(
      'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING',
      name,
      value,
    )
    const row = yield* oneRow('SELECT value FROM setting WHERE name = ?', name)
    return String(row?.['value'])
  },
)
