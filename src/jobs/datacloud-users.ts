import { createHash, randomBytes } from 'node:crypto'
import { type Clock, SECOND_MS } from '../base/clock.ts'
import { PASSWORD_LENGTH_MAX, verifyNoPassword, verifyPassword } from '../base/secrets/password.ts'
import type { DataCloudUser, JobStore } from './job-store.ts'

/** DataCloud's ten hours. */
export const TOKEN_LIFETIME_S = 36_000

const TOKEN_BYTES = 32

/** Longer names and tokens are nobody's; they are not looked up. */
const NAME_LENGTH_MAX = 255

/** Whether a user name and password are somebody's who may come in. */
export type LoginAnswer =
  | { readonly kind: 'known'; readonly user: DataCloudUser }
  /** No such user, or another password: which of the two is not told. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'inactive' }

/** Checks a user name and password. Takes as long for a user who is not there. */
export async function checkLogin(
  { store }: { readonly store: Pick<JobStore, 'readUser'> },
  { username, password }: { readonly username: string; readonly password: string },
): Promise<LoginAnswer> {
  if (username.length > NAME_LENGTH_MAX || password.length > PASSWORD_LENGTH_MAX) {
    return { kind: 'wrong' }
  }
  const user = await store.readUser(username)
  const isRight = user
    ? await verifyPassword(password, user.passwordHash)
    : await verifyNoPassword(password)
  if (!user || !isRight) return { kind: 'wrong' }
  return user.isActive ? { kind: 'known', user } : { kind: 'inactive' }
}

/** Gives the user a bearer token that lasts ten hours of real time. Only its hash is kept. */
export async function issueToken(
  { store, clock }: { readonly store: Pick<JobStore, 'writeToken'>; readonly clock: Clock },
  user: DataCloudUser,
): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await store.writeToken({
    tokenHash: sha256Hex(token),
    username: user.username,
    expiresAt: clock.real() + TOKEN_LIFETIME_S * SECOND_MS,
  })
  return token
}

/** The active user whose token it is, or null. */
export async function userOfToken(
  {
    store,
    clock,
  }: { readonly store: Pick<JobStore, 'readUser' | 'readToken'>; readonly clock: Clock },
  token: string,
): Promise<DataCloudUser | null> {
  if (token.length > NAME_LENGTH_MAX) return null
  const known = await store.readToken(sha256Hex(token))
  if (!known || known.expiresAt <= clock.real()) return null
  const user = await store.readUser(known.username)
  return user?.isActive ? user : null
}

/** Whether the user may start runs of the job config, on whatever way it is asked for. */
export function mayExecute(user: DataCloudUser, jobConfigId: string): boolean {
  return user.executes.includes('*') || user.executes.includes(jobConfigId)
}

/** How secrets with enough randomness of their own are kept: path secrets, tokens, session ids. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
