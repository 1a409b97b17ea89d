import { type Clock, type Instant, MINUTE_MS } from '../../base/clock.ts'
import { verifyNoPassword, verifyPassword } from '../../base/password.ts'
import type { OrgStore } from '../org-store.ts'
import { OrgRefusal } from '../refusal.ts'
import type { OrgUser, RunningUsers } from './running-users.ts'

/** Wrong passwords a username may have in a minute. Nobody is locked out for good: that would be a weapon. */
export const LOGIN_FAILURES_MAX = 10
const USERNAMES_MAX = 10_000
const USERNAME_LENGTH_MAX = 80

/** Signs in with username and password; throws INVALID_LOGIN or LOGIN_RATE_EXCEEDED. */
export type Login = (username: string, password: string) => Promise<OrgUser>

/** Opens the door: it remembers who failed within the last minute. */
export function openLogin(ports: { store: OrgStore; clock: Clock; users: RunningUsers }): Login {
  const { store, clock, users } = ports
  const failures = new Map<string, { since: Instant; count: number }>()

  const countFailure = (key: string) => {
    const known = failures.get(key)
    if (failures.size >= USERNAMES_MAX) failures.clear()
    if (known && clock.real() - known.since < MINUTE_MS) known.count += 1
    else failures.set(key, { since: clock.real(), count: 1 })
  }
  const isOverRate = (key: string) => {
    const known = failures.get(key)
    return (
      known !== undefined &&
      clock.real() - known.since < MINUTE_MS &&
      known.count >= LOGIN_FAILURES_MAX
    )
  }

  return async (username, password) => {
    const key = username.slice(0, USERNAME_LENGTH_MAX).toLowerCase()
    if (isOverRate(key)) {
      throw new OrgRefusal(
        'LOGIN_RATE_EXCEEDED',
        `${LOGIN_FAILURES_MAX} wrong passwords within a minute: wait a minute and try again`,
      )
    }
    countFailure(key) // counted first, so that a flood of attempts at once is not let through
    const user = username.length <= USERNAME_LENGTH_MAX ? await users.userNamed(username) : null
    const hash = user?.isActive ? await store.readPasswordHash(user.userId) : null
    const isRight =
      hash === null ? await verifyNoPassword(password) : await verifyPassword(password, hash)
    if (!user || !isRight) {
      throw new OrgRefusal(
        'INVALID_LOGIN',
        'Invalid username, password, security token; or user locked out.',
      )
    }
    failures.delete(key)
    return user
  }
}
