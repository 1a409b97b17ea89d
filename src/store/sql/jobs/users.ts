import type { DataCloudUser } from '../../../jobs/job-store.ts'
import { type Dialect, defineOp, type Op, oneRow, rows, run } from '../op.ts'

export const readUser = defineOp(
  'jobs.readUser',
  function* (_dialect: Dialect, username: string): Op<DataCloudUser | null> {
    const row = yield* oneRow(
      'SELECT body FROM datacloud_user WHERE username_key = ?',
      username.toLowerCase(),
    )
    return row ? (JSON.parse(String(row.body)) as DataCloudUser) : null
  },
)

export const listUsers = defineOp('jobs.listUsers', function* (): Op<readonly DataCloudUser[]> {
  const found = yield* rows('SELECT body FROM datacloud_user ORDER BY username_key')
  return found.map((row) => JSON.parse(String(row.body)) as DataCloudUser)
})

export const writeUser = defineOp(
  'jobs.writeUser',
  function* (_dialect: Dialect, user: DataCloudUser): Op<void> {
    yield* run(
      `INSERT INTO datacloud_user (username_key, body) VALUES (?, ?)
      ON CONFLICT (username_key) DO UPDATE SET body = excluded.body`,
      user.username.toLowerCase(),
      JSON.stringify(user),
    )
  },
)

/** Ends all tokens of the user. */
export const endTokens = defineOp(
  'jobs.endTokens',
  function* (_dialect: Dialect, username: string): Op<void> {
    yield* run('DELETE FROM datacloud_token WHERE lower(username) = ?', username.toLowerCase())
  },
)

type Token = { readonly tokenHash: string; readonly username: string; readonly expiresAt: number }

export const readToken = defineOp(
  'jobs.readToken',
  function* (
    _dialect: Dialect,
    tokenHash: string,
  ): Op<{ username: string; expiresAt: number } | null> {
    const row = yield* oneRow(
      'SELECT username, expires_at FROM datacloud_token WHERE token_hash = ?',
      tokenHash,
    )
    return row ? { username: String(row.username), expiresAt: Number(row.expires_at) } : null
  },
)

export const writeToken = defineOp(
  'jobs.writeToken',
  function* (_dialect: Dialect, { tokenHash, username, expiresAt }: Token): Op<void> {
    yield* run(
      'INSERT INTO datacloud_token (token_hash, username, expires_at) VALUES (?, ?, ?)',
      tokenHash,
      username,
      expiresAt,
    )
  },
)
