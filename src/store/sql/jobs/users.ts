import type { DataCloudUser } from '../../../jobs/users/datacloud-user.ts'
import type { KeptToken } from '../../../jobs/users/user-store.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run, type SqlRow } from '../op.ts'

export const readUser = defineOp(
  'jobs.readUser',
  function* (_dialect: Dialect, username: string): Op<DataCloudUser | null> {
    return userOf(
      yield* oneRow('SELECT body FROM datacloud_user WHERE username_key = ?', keyOf(username)),
    )
  },
)

export const readUserById = defineOp(
  'jobs.readUserById',
  function* (_dialect: Dialect, userId: string): Op<DataCloudUser | null> {
    return userOf(yield* oneRow('SELECT body FROM datacloud_user WHERE user_id = ?', userId))
  },
)

export const listUsers = defineOp('jobs.listUsers', function* (): Op<readonly DataCloudUser[]> {
  const found = yield* rows('SELECT body FROM datacloud_user ORDER BY username_key')
  return found.map((row) => JSON.parse(String(row.body)) as DataCloudUser)
})

export const createUser = defineOp(
  'jobs.createUser',
  function* (_dialect: Dialect, user: DataCloudUser): Op<boolean> {
    const created = yield* run(
      `INSERT INTO datacloud_user (username_key, user_id, body) VALUES (?, ?, ?)
      ON CONFLICT DO NOTHING`,
      keyOf(user.username),
      user.userId,
      JSON.stringify(user),
    )
    return created === 1
  },
)

export const writeUser = defineOp(
  'jobs.writeUser',
  function* (dialect: Dialect, user: DataCloudUser): Op<void> {
    const before = userOf(
      yield* oneRow(
        `SELECT body FROM datacloud_user WHERE username_key = ? ${dialect.forUpdate()}`,
        keyOf(user.username),
      ),
    )
    yield* run(
      `INSERT INTO datacloud_user (username_key, user_id, body) VALUES (?, ?, ?)
      ON CONFLICT (username_key) DO UPDATE SET user_id = excluded.user_id, body = excluded.body`,
      keyOf(user.username),
      user.userId,
      JSON.stringify(user),
    )
    if (before && endsTokens(before, user)) yield* endTokens(user.username)
  },
)

export const replaceUser = defineOp(
  'jobs.replaceUser',
  function* (
    _dialect: Dialect,
    { before, after }: { readonly before: DataCloudUser; readonly after: DataCloudUser },
  ): Op<boolean> {
    const replaced = yield* run(
      'UPDATE datacloud_user SET body = ? WHERE username_key = ? AND body = ?',
      JSON.stringify(after),
      keyOf(before.username),
      JSON.stringify(before),
    )
    if (replaced === 0) return false
    if (endsTokens(before, after)) yield* endTokens(before.username)
    return true
  },
)

function endsTokens(before: DataCloudUser, after: DataCloudUser): boolean {
  return before.passwordHash !== after.passwordHash || !after.isActive
}

function* endTokens(username: string): Op<void> {
  yield* run('DELETE FROM datacloud_token WHERE username = ?', keyOf(username))
}

export const readToken = defineOp(
  'jobs.readToken',
  function* (
    _dialect: Dialect,
    tokenHash: string,
  ): Op<{ username: string; expiresAt: number } | null> {
    const row = yield* oneRow(
      `SELECT username, expires_at FROM datacloud_token WHERE token_hash = ? AND kind = 'access'`,
      tokenHash,
    )
    return row ? { username: String(row.username), expiresAt: Number(row.expires_at) } : null
  },
)

export const writeTokens = defineOp(
  'jobs.writeTokens',
  function* (_dialect: Dialect, tokens: readonly KeptToken[]): Op<void> {
    for (const token of tokens) {
      yield* run(
        `INSERT INTO datacloud_token (token_hash, kind, login_id, username, expires_at)
        VALUES (?, ?, ?, ?, ?)`,
        token.tokenHash,
        token.kind,
        token.loginId,
        keyOf(token.username),
        token.expiresAt,
      )
    }
  },
)

export const takeRefreshToken = defineOp(
  'jobs.takeRefreshToken',
  function* (
    _dialect: Dialect,
    { tokenHash, real }: { readonly tokenHash: string; readonly real: number },
  ): Op<{ username: string; loginId: string } | null> {
    const [taken] = yield* rows(
      `UPDATE datacloud_token SET kind = 'used' WHERE token_hash = ? AND kind = 'refresh'
        AND expires_at > ? RETURNING username, login_id`,
      tokenHash,
      real,
    )
    if (taken) return { username: String(taken.username), loginId: String(taken.login_id) }
    yield* run(
      `DELETE FROM datacloud_token WHERE login_id IN
        (SELECT login_id FROM datacloud_token WHERE token_hash = ? AND kind = 'used')`,
      tokenHash,
    )
    return null
  },
)

function keyOf(username: string): string {
  return username.toLowerCase()
}

function userOf(row: SqlRow | undefined): DataCloudUser | null {
  return row ? (JSON.parse(String(row.body)) as DataCloudUser) : null
}
