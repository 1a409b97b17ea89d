import { randomBytes, randomUUID } from 'node:crypto'
import { type Clock, DAY_MS, SECOND_MS } from '../../base/clock.ts'
import { openLoginThrottle } from '../../base/secrets/login-throttle.ts'
import {
  PASSWORD_LENGTH_MAX,
  verifyNoPassword,
  verifyPassword,
} from '../../base/secrets/password.ts'
import { sha256Hex } from '../../base/secrets/sha256-hex.ts'
import type { DataCloudUser } from './datacloud-user.ts'
import type { UserStore } from './user-store.ts'

/** DataCloud's ten hours. */
export const TOKEN_LIFETIME_S = 36_000
const REFRESH_LIFETIME_MS = 7 * DAY_MS
const TOKEN_BYTES = 32
/** Longer names and tokens are nobody's; they are not looked up. */
const NAME_LENGTH_MAX = 255

/** Whether a user name and password are somebody's who may come in. */
export type LoginAnswer =
  | { readonly kind: 'known'; readonly user: DataCloudUser }
  /** No such user, or another password: which of the two is not told. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'inactive' }
  /** Too many wrong passwords within a minute. */
  | { readonly kind: 'too many'; readonly retryAfterMs: number }

/** Checks a user name and password. Takes as long for a user who is not there. */
export type DataCloudLogin = (credential: {
  readonly username: string
  readonly password: string
}) => Promise<LoginAnswer>

/** Opens a door for DataCloud's users, at which wrong passwords are counted. */
export function openDataCloudLogin({
  store,
  clock,
}: {
  readonly store: Pick<UserStore, 'readUser'>
  readonly clock: Clock
}): DataCloudLogin {
  const throttle = openLoginThrottle(clock)

  const verify = async (username: string, password: string): Promise<DataCloudUser | null> => {
    const isPossible = username.length <= NAME_LENGTH_MAX && password.length <= PASSWORD_LENGTH_MAX
    const user = isPossible ? await store.readUser(username) : null
    const isRight = user
      ? await verifyPassword(password, user.passwordHash)
      : await verifyNoPassword(password)
    return isRight ? user : null
  }

  return async ({ username, password }) => {
    const login = await throttle(username, () => verify(username, password))
    if (login.kind !== 'verified') return login
    const user = login.value
    return user.isActive ? { kind: 'known', user } : { kind: 'inactive' }
  }
}

/** What a login answers with: only the hashes are kept. */
export type TokenPair = { readonly accessToken: string; readonly refreshToken: string }

type TokenPorts<Names extends keyof UserStore> = {
  readonly store: Pick<UserStore, Names>
  readonly clock: Clock
}

/** Gives the user an access token that lasts ten hours, and a refresh token of seven days, of real time. */
export async function issueTokens(
  { store, clock }: TokenPorts<'writeTokens'>,
  username: string,
  loginId: string = randomUUID(),
): Promise<TokenPair> {
  const pair = { accessToken: newToken(), refreshToken: newToken() }
  const real = clock.real()
  await store.writeTokens([
    {
      tokenHash: sha256Hex(pair.accessToken),
      kind: 'access',
      loginId,
      username,
      expiresAt: real + TOKEN_LIFETIME_S * SECOND_MS,
    },
    {
      tokenHash: sha256Hex(pair.refreshToken),
      kind: 'refresh',
      loginId,
      username,
      expiresAt: real + REFRESH_LIFETIME_MS,
    },
  ])
  return pair
}

/** A new pair for a refresh token, which is used up. Null: it is not one, or no more, or its user is inactive. */
export async function refreshTokens(
  ports: TokenPorts<'writeTokens' | 'takeRefreshToken' | 'readUser'>,
  refreshToken: string,
): Promise<TokenPair | null> {
  if (refreshToken.length > NAME_LENGTH_MAX) return null
  const taken = await ports.store.takeRefreshToken(sha256Hex(refreshToken), ports.clock.real())
  if (!taken) return null
  const user = await ports.store.readUser(taken.username)
  return user?.isActive ? issueTokens(ports, user.username, taken.loginId) : null
}

/** The active user whose access token it is, or null. */
export async function userOfToken(
  { store, clock }: TokenPorts<'readUser' | 'readToken'>,
  token: string,
): Promise<DataCloudUser | null> {
  if (token.length > NAME_LENGTH_MAX) return null
  const known = await store.readToken(sha256Hex(token))
  if (!known || known.expiresAt <= clock.real()) return null
  const user = await store.readUser(known.username)
  return user?.isActive ? user : null
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}
