import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { hashPassword } from '../../base/secrets/password.ts'
import { ConfigError } from '../../config/config.ts'
import { createStandInUsers } from '../../org/founding/create-stand-in-users.ts'
import { firstUserId, foundOrg } from '../../org/founding/found-org.ts'
import { type Org, openOrg } from '../../org/open-org.ts'
import type { OrgUser } from '../../org/people/running-users.ts'
import { type RawFields, rawFields } from '../../org/save/record-edit.ts'
import { saveRecords } from '../../org/save/save-records.ts'
import type { Stores } from '../../store/open-store.ts'
import { type Account, type AccountBook, UserError } from './accounts.ts'

const USERS_MAX = 2000

/** The users of the org in the store; the first that is added founds the org. */
export function openOrgAccounts(stores: Stores): AccountBook {
  const clock = systemClock()
  const isFounded = async () => (await stores.org.readSetting('organizationId')) !== null
  const open = () => openOrg({ store: stores.org, clock, log: silentLog, onQueued: () => {} })
  const founded = async (): Promise<Org> => {
    if (await isFounded()) return open()
    throw new UserError(
      'USER_UNKNOWN',
      'the store is empty: obm user add makes its first administrator',
    )
  }

  const add = async (username: string, password: string) => {
    if (!username.includes('@')) {
      throw new ConfigError(
        `expected a user name as admin@example.com, found ${JSON.stringify(username)}`,
      )
    }
    if (!(await isFounded())) {
      await foundOrg({ store: stores.org, clock }, { firstUser: { username, password } })
      return
    }
    const org = await open()
    if ((await org.users.userNamed(username)) !== null) throw taken(username)
    await createStandInUsers(org, [username], firstUserId())
    org.users.forget()
    await setPassword(stores, await named(org, username), password)
  }

  return {
    list: async () => {
      if (!(await isFounded())) return []
      await open() // reads the definitions, without which there are no tables to read from
      const { records } = await stores.org.readRecords([
        { kind: 'all', objectName: 'User', limit: USERS_MAX },
      ])
      return Promise.all(
        records.map(async ({ recordId, fields }): Promise<Account> => {
          const maySignIn = (await stores.org.readPasswordHash(recordId)) !== null
          const isActive = fields.IsActive === true
          return { username: String(fields.Username), isActive, maySignIn, may: 'org' }
        }),
      )
    },
    add,
    setPassword: async (username, password) => {
      await setPassword(stores, await named(await founded(), username), password)
    },
    activate: async (username, isActive) => {
      const org = await founded()
      const { userId } = await named(org, username)
      await update(org, userId, rawFields({ IsActive: isActive }))
      if (!isActive) await stores.org.endSessions(userId)
    },
  }
}

async function named(org: Org, username: string): Promise<OrgUser> {
  const user = await org.users.userNamed(username)
  if (user) return user
  throw new UserError('USER_UNKNOWN', `the org has no user ${username}`)
}

/** Whoever is signed in with the old one is signed out: within a minute in processes that know the session. */
async function setPassword({ org }: Stores, { userId }: OrgUser, password: string): Promise<void> {
  await org.writePasswordHash(userId, await hashPassword(password))
  await org.endSessions(userId)
}

async function update(org: Org, userId: OrgUser['userId'], fields: RawFields): Promise<void> {
  const edit = { kind: 'update' as const, objectName: 'User', recordId: userId, fields }
  const [result] = await saveRecords(org, [edit], { userId: firstUserId(), allOrNone: true })
  if (result?.kind === 'saved') return
  throw new UserError('USER_REFUSED', result?.errors[0]?.message ?? 'the org refused the change')
}

function taken(username: string): UserError {
  return new UserError(
    'USER_EXISTS',
    `there is a user ${username}: obm user password sets the password`,
  )
}
