import type { Instant } from '../../base/clock.ts'
import type { DataCloudUser } from './datacloud-user.ts'

/** A token as it is kept: what opens the API (`access`), or gets the next pair of tokens, once (`refresh`). */
export type KeptToken = {
  readonly tokenHash: string
  readonly kind: 'access' | 'refresh'
  /** What a login and the refreshes after it have in common. */
  readonly loginId: string
  readonly username: string
  readonly expiresAt: Instant
}

/** What the users of DataCloud's API ask of a store. */
export type UserStore = {
  /** By name, whatever its case. */
  readUser(username: string): Promise<DataCloudUser | null>
  readUserById(userId: string): Promise<DataCloudUser | null>
  /** By name. */
  listUsers(): Promise<readonly DataCloudUser[]>
  /** False: there is one of that name. */
  createUser(user: DataCloudUser): Promise<boolean>
  /**
   * Creates or replaces the user of that name. All tokens of a user end whose password changes, or who
   * becomes inactive.
   */
  writeUser(user: DataCloudUser): Promise<void>
  /** The same for a user who still is as `before`; false: somebody else changed it. */
  replaceUser(before: DataCloudUser, after: DataCloudUser): Promise<boolean>

  /** An access token. */
  readToken(tokenHash: string): Promise<{ username: string; expiresAt: Instant } | null>
  writeTokens(tokens: readonly KeptToken[]): Promise<void>
  /**
   * Uses a refresh token up. Null: it is not known, or too old; one that was used before was stolen or is a
   * copy, so all tokens of its login end.
   */
  takeRefreshToken(
    tokenHash: string,
    real: Instant,
  ): Promise<{ username: string; loginId: string } | null>
}
