import { randomUUID } from 'node:crypto'
import { openLoginThrottle } from '../../../base/secrets/login-throttle.ts'
import { hashPassword, verifyPassword } from '../../../base/secrets/password.ts'
import type { DataCloudUser } from '../../../jobs/users/datacloud-user.ts'
import { ApiError } from '../../api-error.ts'
import type { DataCloudPorts } from '../datacloud-ports.ts'
import { invalid, readFields, readRequiredText } from '../read-fields.ts'
import { PAGING, readIds, readPaging } from '../read-query.ts'
import type { ApiAnswer, ApiRoute, SignedInAsk } from '../route/api-route.ts'
import { type Guards, partOf } from '../route/guards.ts'
import { pageOfAll } from '../route/page.ts'
import { tooMany } from './login-routes.ts'
import { readNewPassword, readNewUser, readUserChange } from './read-user.ts'

/** How often a change is tried again when somebody else's came between. */
const TRIES_MAX = 5

/** `/users`: an Admin makes and changes them; everybody may see oneself and change one's password. */
export function userRoutes(ports: DataCloudPorts, guards: Guards): readonly ApiRoute[] {
  const { store } = ports
  const acts = openUserActs(ports)
  const { admin, adminOrOneself } = guards
  return [
    {
      method: 'GET',
      path: '/users',
      summary: 'List the users by name',
      query: PAGING,
      gives: 'UserPage',
      answers: { 200: 'A page of users' },
      ...admin(async (ask) =>
        pageOfAll('/users', ask, {
          ...readPaging(ask.query),
          all: await store.listUsers(),
          view: userView,
        }),
      ),
    },
    {
      method: 'POST',
      path: '/users',
      summary: 'Create a user',
      takes: 'User',
      gives: 'User',
      answers: { 201: 'The user' },
      ...admin(acts.create),
    },
    {
      method: 'GET',
      path: '/users/{id}',
      summary: 'Read a user',
      gives: 'User',
      answers: { 200: 'The user' },
      ...adminOrOneself(async (ask) => {
        const user = await acts.existing(partOf(ask, 'id'))
        return { status: 200, body: userView(user) }
      }),
    },
    ...(['PUT', 'PATCH'] as const).map(
      (method): ApiRoute => ({
        method,
        path: '/users/{id}',
        summary: 'Change a user; what is absent stays as it is',
        takes: 'User',
        gives: 'User',
        answers: { 200: 'The user' },
        ...admin(acts.change),
      }),
    ),
    {
      method: 'PUT',
      path: '/users/{id}/password',
      summary: 'Set a password: an Admin for others, everybody for oneself with the one there is',
      takes: 'NewPassword',
      answers: { 204: 'It is set, and all tokens of the user have ended' },
      ...adminOrOneself(acts.setPassword),
    },
    ...(['activate', 'deactivate'] as const).map(
      (word): ApiRoute => ({
        method: 'PATCH',
        path: `/users/${word}`,
        summary: `Make users ${word === 'activate' ? 'active' : 'inactive, which ends their tokens'}`,
        query: { ids: 'their ids, where there is no body' },
        takes: 'RecordIds',
        gives: 'Users',
        answers: { 200: 'The users' },
        ...admin((ask) => acts.setActive(ask, word === 'activate')),
      }),
    ),
  ]
}

function openUserActs({ store, clock, log }: DataCloudPorts) {
  const throttle = openLoginThrottle(clock)

  const existing = async (userId: string): Promise<DataCloudUser> => {
    const user = await store.readUserById(userId)
    if (user) return user
    const message = `there is no user ${JSON.stringify(userId.slice(0, 100))}`
    throw new ApiError(404, 'USER_NOT_FOUND', message)
  }

  const update = async (
    ask: SignedInAsk,
    userId: string,
    change: (before: DataCloudUser) => DataCloudUser,
  ): Promise<DataCloudUser> => {
    for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
      const before = await existing(userId)
      const after = change(before)
      if (!(await store.replaceUser(before, after))) continue
      log.info('datacloud.user_changed', { userId, by: ask.user.username })
      return after
    }
    throw new ApiError(409, 'CHANGED_MEANWHILE', 'others changed the user meanwhile: try again')
  }

  const create = async (ask: SignedInAsk): Promise<ApiAnswer> => {
    const { password, ...fields } = readNewUser(ask.body)
    const passwordHash = await hashPassword(password)
    const user: DataCloudUser = { userId: randomUUID(), passwordHash, ...fields }
    if (await store.createUser(user)) {
      log.info('datacloud.user_created', { userId: user.userId, by: ask.user.username })
      return { status: 201, body: userView(user) }
    }
    throw new ApiError(409, 'USERNAME_TAKEN', `there is a user ${user.username} already`)
  }

  const change = async (ask: SignedInAsk): Promise<ApiAnswer> => {
    const userId = partOf(ask, 'id')
    await existing(userId)
    const { password, ...changed } = readUserChange(ask.body)
    if (userId === ask.user.userId) refuseOnOneself(ask.user, changed)
    const passwordHash = password === undefined ? undefined : await hashPassword(password)
    const after = await update(ask, userId, (before) => {
      if (changed.username !== undefined && !isSameName(changed.username, before.username)) {
        throw invalid(
          'username',
          `${before.username}, as user names never change`,
          changed.username,
        )
      }
      return {
        ...before,
        ...changed,
        username: before.username,
        ...(passwordHash !== undefined && { passwordHash }),
      }
    })
    return { status: 200, body: userView(after) }
  }

  const setPassword = async (ask: SignedInAsk): Promise<ApiAnswer> => {
    const userId = partOf(ask, 'id')
    const user = await existing(userId)
    const fields = readFields(ask.body, '', ['password', 'currentPassword'])
    const password = readNewPassword(fields)
    if (userId === ask.user.userId) {
      const current = readRequiredText(fields, 'currentPassword', 1_000)
      const check = await throttle(user.username, async () =>
        (await verifyPassword(current, user.passwordHash)) ? true : null,
      )
      if (check.kind === 'too many') return tooMany(check.retryAfterMs)
      if (check.kind === 'wrong') {
        throw new ApiError(403, 'PASSWORD_WRONG', 'currentPassword is not the one there is')
      }
    }
    const passwordHash = await hashPassword(password)
    await update(ask, userId, (before) => ({ ...before, passwordHash }))
    return { status: 204 }
  }

  const setActive = async (ask: SignedInAsk, isActive: boolean): Promise<ApiAnswer> => {
    const ids = readIds(ask)
    if (ids.includes(ask.user.userId)) refuseOnOneself(ask.user, { isActive })
    for (const id of ids) await existing(id)
    const users: DataCloudUser[] = []
    for (const id of ids) users.push(await update(ask, id, (before) => ({ ...before, isActive })))
    return { status: 200, body: users.map(userView) }
  }
  return { existing, create, change, setPassword, setActive }
}

/** As in DataCloud: else the last Admin could lock the door from inside. */
function refuseOnOneself(
  user: DataCloudUser,
  { isActive = user.isActive, role = user.role }: Partial<DataCloudUser>,
): void {
  if (isActive === user.isActive && role === user.role) return
  const message = 'nobody activates, deactivates or changes the role of oneself: ask another Admin'
  throw new ApiError(403, 'NOT_ON_ONESELF', message)
}

function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function userView({ userId, username, isActive, role, permissions }: DataCloudUser) {
  return {
    id: userId,
    username,
    href: `/v2/api/users/${encodeURIComponent(userId)}`,
    active: isActive,
    admin: role === 'Admin',
    role,
    permissions: permissions.map(({ allowed, resourceIds }) => ({
      resourceType: 'jobconfigs',
      allowed,
      resourceIds,
    })),
  }
}
