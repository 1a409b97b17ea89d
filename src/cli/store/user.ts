import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { PASSWORD_LENGTH_MAX } from '../../base/secrets/password.ts'
import { ConfigError } from '../../config/config.ts'
import { printTable } from '../running/print-table.ts'
import type { AccountBook } from './accounts.ts'
import { openDataCloudAccounts } from './datacloud-accounts.ts'
import { openOrgAccounts } from './org-accounts.ts'
import { openOwnStore, type StoreOptions } from './own-store.ts'

/** What `obm user` is told. */
export type UserOptions = StoreOptions & {
  readonly datacloud: boolean
  readonly passwordStdin?: boolean
  readonly role?: string
  readonly execute?: readonly string[]
}

export const PASSWORD_LENGTH_MIN = 12

const ROLES = ['Admin', 'General User'] as const

/** `obm user list`. */
export async function userList(options: UserOptions): Promise<number> {
  const accounts = await withAccounts(options, (book) => book.list())
  if (options.json) console.log(JSON.stringify(accounts))
  else {
    const rows = accounts.map(({ isActive, maySignIn, ...rest }) => ({
      ...rest,
      active: isActive ? 'yes' : 'no',
      password: maySignIn ? 'set' : 'none',
    }))
    printTable(rows, ['username', 'active', 'password', 'may'], 'There is no user.')
  }
  return 0
}

/** `obm user add` and `obm user password`: with a password from standard input, or one that is made and printed. */
export async function userGive(
  act: 'add' | 'setPassword',
  username: string,
  options: UserOptions,
): Promise<number> {
  const given = options.passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : null
  const password = given ?? randomBytes(15).toString('base64url')
  if (password.length < PASSWORD_LENGTH_MIN || password.length > PASSWORD_LENGTH_MAX) {
    throw new ConfigError(
      `--password-stdin: expected ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters, found ${password.length}`,
    )
  }
  await withAccounts(options, (book) => book[act](username, password))
  const shown = given === null ? { username, password } : { username }
  if (options.json) console.log(JSON.stringify(shown))
  else console.log(given === null ? `${username}  ${password}` : `${username}: the password is set`)
  return 0
}

/** `obm user activate` and `obm user deactivate`. */
export async function userActivate(
  username: string,
  isActive: boolean,
  options: UserOptions,
): Promise<number> {
  await withAccounts(options, (book) => book.activate(username, isActive))
  const said = { username, isActive }
  console.log(
    options.json ? JSON.stringify(said) : `${username}: ${isActive ? 'active' : 'inactive'}`,
  )
  return 0
}

async function withAccounts<T>(
  options: UserOptions,
  work: (book: AccountBook) => Promise<T>,
): Promise<T> {
  const role = ROLES.find((each) => each === (options.role ?? 'Admin'))
  if (!role) throw new ConfigError(`--role: expected ${ROLES.join(' or ')}, found ${options.role}`)
  const resourceIds = options.execute ?? []
  const permissions = resourceIds.length > 0 ? [{ allowed: ['execute'], resourceIds } as const] : []
  const stores = await openOwnStore(options)
  try {
    const isDataCloud = options.datacloud
    return await work(
      isDataCloud ? openDataCloudAccounts(stores, { role, permissions }) : openOrgAccounts(stores),
    )
  } finally {
    await stores.close()
  }
}
