import type { Clock } from '../../base/clock.ts'
import { LOGIN_FAILURES_MAX, openLoginThrottle } from '../../base/secrets/login-throttle.ts'
import { verifyNoPassword, verifyPassword } from '../../base/secrets/password.ts'
import type { OrgStore } from '../org-store.ts'
import { OrgRefusal } from '../refusal.ts'
import type { OrgUser, RunningUsers } from './running-users.ts'

const USERNAME_LENGTH_MAX = 80

/** Signs in with username and password; throws INVALID_LOGIN or LOGIN_RATE_EXCEEDED. */
export type Login = (username: string, password: string) => Promise<OrgUser>

/** Opens the door of the org, at which wrong passwords are counted. */
export function openLogin(ports: { store: OrgStore; clock: Clock; users: RunningUsers }): Login {
  const { store, clock, users } = ports
  const throttle = openLoginThrottle(clock)

  const verify = async (username: string, password: string): Promise<OrgUser | null> => {
    const user = username.length <= USERNAME_LENGTH_MAX ? await users.userNamed(username) : null
    const hash = user?.isActive ? await store.readPasswordHash(user.userId) : null
    if (hash === null) await verifyNoPassword(password)
    return hash !== null && (await verifyPassword(password, hash)) ? user : null
  }

  return async (username, password) => {
    const login = await throttle(username, () => verify(username, password))
    if (login.kind === 'verified') return login.value
    if (login.kind === 'too many') {
      throw new OrgRefusal(
        'LOGIN_RATE_EXCEEDED',
        `${LOGIN_FAILURES_MAX} wrong passwords within a minute: wait a minute and try again`,
      )
    }
    throw new OrgRefusal(
      'INVALID_LOGIN',
      'Invalid username, password, security token; or user locked out.',
    )
  }
}
