import { type Clock, type Instant, MINUTE_MS } from '../../base/clock.ts'
import { verifyNoPassword, verifyPassword } from '../../base/secrets/password.ts'
import type { OrgStore } from '../org-store.ts'
import { OrgRefusal } from '../refusal.ts'
import type { OrgUser, RunningUsers } from './running-users.ts'

/** Wrong passwords a username may have in a minute. Nobody is locked out for good: that would be a weapon. */
export const LOGIN_FAILURES_MAX = 10
const USERNAMES_MAX = 10_000
const USERNAME_LENGTH_MAX = 80

/** Signs in with username and password; throws INVALID_LOGIN or LOGIN_RATE_EXCEEDED. */
export type Login = (username: string, password: string) => Promise<OrgUser>

/** Opens the door: it remembers who failed within the last minute, and lets no flood of guesses in at once. */
export function openLogin(ports: { store: OrgStore; clock: Clock; users: RunningUsers }): Login {
  const { store, clock, users } = ports
  const attempts = new Map<string, Attempts>()

  const attemptsOf = (key: string): Attempts => {
    const known = attempts.get(key)
    if (known && clock.real() - known.since < MINUTE_MS) return known
    if (attempts.size >= USERNAMES_MAX) attempts.clear()
    const made = { since: clock.real(), failureCount: 0, inHand: new Set<Promise<unknown>>() }
    attempts.set(key, made)
    return made
  }

  const verify = async (username: string, password: string): Promise<OrgUser | null> => {
    const user = username.length <= USERNAME_LENGTH_MAX ? await users.userNamed(username) : null
    const hash = user?.isActive ? await store.readPasswordHash(user.userId) : null
    if (hash === null) await verifyNoPassword(password)
    return hash !== null && (await verifyPassword(password, hash)) ? user : null
  }

  return async (username, password) => {
    const its = attemptsOf(username.slice(0, USERNAME_LENGTH_MAX).toLowerCase())
    // Those in hand may turn out right, so more wait for their end instead of being turned away.
    while (its.inHand.size > 0 && its.failureCount + its.inHand.size >= LOGIN_FAILURES_MAX) {
      await Promise.race(its.inHand).catch(() => {})
    }
    if (its.failureCount >= LOGIN_FAILURES_MAX) {
      throw new OrgRefusal(
        'LOGIN_RATE_EXCEEDED',
        `${LOGIN_FAILURES_MAX} wrong passwords within a minute: wait a minute and try again`,
      )
    }
    const attempt = verify(username, password)
      .then((found) => {
        if (!found) its.failureCount += 1
        return found
      })
      .finally(() => its.inHand.delete(attempt))
    its.inHand.add(attempt)
    const user = await attempt
    if (user) return user
    throw new OrgRefusal(
      'INVALID_LOGIN',
      'Invalid username, password, security token; or user locked out.',
    )
  }
}

/** What happened with one username since `since`. */
type Attempts = {
  readonly since: Instant
  failureCount: number
  readonly inHand: Set<Promise<unknown>>
}
