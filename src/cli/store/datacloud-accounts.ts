import { randomUUID } from 'node:crypto'
import { hashPassword } from '../../base/secrets/password.ts'
import type { DataCloudUser } from '../../jobs/users/datacloud-user.ts'
import type { Stores } from '../../store/open-store.ts'
import { type AccountBook, UserError } from './accounts.ts'

/** What a new user of DataCloud's API may do. */
export type DataCloudRights = Pick<DataCloudUser, 'role' | 'permissions'>

/** The users of DataCloud's API in the store. */
export function openDataCloudAccounts({ jobs }: Stores, rights: DataCloudRights): AccountBook {
  const change = async (username: string, to: Partial<DataCloudUser>) => {
    const user = await jobs.readUser(username)
    if (!user) throw new UserError('USER_UNKNOWN', `DataCloud has no user ${username}`)
    await jobs.writeUser({ ...user, ...to })
  }
  return {
    list: async () =>
      (await jobs.listUsers()).map(({ username, isActive, role, permissions }) => ({
        username,
        isActive,
        maySignIn: true,
        may: mayText({ role, permissions }),
      })),
    add: async (username, password) => {
      const passwordHash = await hashPassword(password)
      const user = { userId: randomUUID(), username, passwordHash, isActive: true, ...rights }
      if (await jobs.createUser(user)) return
      throw new UserError(
        'USER_EXISTS',
        `there is a user ${username}: obm user password --datacloud sets the password`,
      )
    },
    setPassword: async (username, password) =>
      change(username, { passwordHash: await hashPassword(password) }),
    activate: (username, isActive) => change(username, { isActive }),
  }
}

function mayText({ role, permissions }: DataCloudRights): string {
  if (role === 'Admin') return role
  const each = permissions.map(
    ({ allowed, resourceIds }) => `${allowed.join(', ')} ${resourceIds.join(', ')}`,
  )
  return `${role}; ${each.join('; ') || 'nothing'}`
}
