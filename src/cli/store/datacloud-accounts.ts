import { randomUUID } from 'node:crypto'
import { hashPassword } from '../../base/secrets/password.ts'
import type { DataCloudUser } from '../../jobs/job-store.ts'
import type { Stores } from '../../store/open-store.ts'
import { type AccountBook, UserError } from './accounts.ts'

/** What a new user of DataCloud's API may do. */
export type DataCloudRights = Pick<DataCloudUser, 'role' | 'executes'>

/** The users of DataCloud's API in the store. */
export function openDataCloudAccounts({ jobs }: Stores, rights: DataCloudRights): AccountBook {
  const change = async (username: string, to: Partial<DataCloudUser>) => {
    const user = await jobs.readUser(username)
    if (!user) throw new UserError('USER_UNKNOWN', `DataCloud has no user ${username}`)
    await jobs.writeUser({ ...user, ...to })
    await jobs.endTokens(username)
  }
  return {
    list: async () =>
      (await jobs.listUsers()).map(({ username, isActive, role, executes }) => ({
        username,
        isActive,
        maySignIn: true,
        may: `${role}; executes ${executes.join(', ') || 'nothing'}`,
      })),
    add: async (username, password) => {
      if ((await jobs.readUser(username)) !== null) {
        throw new UserError(
          'USER_EXISTS',
          `there is a user ${username}: obm user password --datacloud sets the password`,
        )
      }
      const passwordHash = await hashPassword(password)
      const isActive = true
      await jobs.writeUser({ userId: randomUUID(), username, passwordHash, isActive, ...rights })
    },
    setPassword: async (username, password) =>
      change(username, { passwordHash: await hashPassword(password) }),
    activate: (username, isActive) => change(username, { isActive }),
  }
}
