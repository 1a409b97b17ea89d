import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { issueTokens, openDataCloudLogin, userOfToken } from '../../jobs/users/login.ts'
import { authenticate, openOrg } from '../../org/open-org.ts'
import { openDataCloudAccounts } from './datacloud-accounts.ts'
import { openOrgAccounts } from './org-accounts.ts'

const clock = systemClock()

for (const store of storesUnderTest()) {
  test(`${store.name}: the first administrator founds the org, the next is a user of it, and a new password ends sessions`, async (t) => {
    const stores = await store.open(t)
    const accounts = openOrgAccounts(stores)
    const unknown = { errorCode: 'USER_UNKNOWN' }
    await assert.rejects(accounts.setPassword('first@example.com', 'another-password'), unknown)

    await accounts.add('first@example.com', 'the-first-password')
    await accounts.add('second@example.com', 'the-second-password')
    await assert.rejects(accounts.add('SECOND@example.com', 'x'), { errorCode: 'USER_EXISTS' })
    const open = () => openOrg({ store: stores.org, clock, log: silentLog, onQueued: () => {} })
    const org = await open()
    assert.equal(
      (await org.login('first@example.com', 'the-first-password')).permissions.profileName,
      'System Administrator',
    )
    const { userId } = await org.login('second@example.com', 'the-second-password')
    const { token } = await org.sessions.start(userId)

    await accounts.setPassword('second@example.com', 'quite-another-one')

    const other = await open()
    assert.equal(await authenticate(other, token), null)
    await assert.rejects(other.login('second@example.com', 'the-second-password'))
    assert.equal((await other.login('second@example.com', 'quite-another-one')).userId, userId)
    await accounts.activate('second@example.com', false)
    await assert.rejects((await open()).login('second@example.com', 'quite-another-one'))
    assert.deepEqual(
      (await accounts.list()).map(({ username, isActive, maySignIn }) => [
        username,
        isActive,
        maySignIn,
      ]),
      [
        ['first@example.com', true, true],
        ['second@example.com', false, true],
      ],
    )
  })

  test(`${store.name}: a DataCloud user is made with rights, and a new password or none ends tokens`, async (t) => {
    const { jobs } = await store.open(t)
    const permissions = [{ allowed: ['execute'], resourceIds: ['accounts'] }] as const
    const rights = { role: 'General User', permissions } as const
    const accounts = openDataCloudAccounts(
      { jobs } as Parameters<typeof openDataCloudAccounts>[0],
      rights,
    )
    await assert.rejects(accounts.setPassword('bob', 'a-new-password'), {
      errorCode: 'USER_UNKNOWN',
    })

    await accounts.add('Bob', 'the-first-password')
    await assert.rejects(accounts.add('bob', 'x'), { errorCode: 'USER_EXISTS' })
    const logIn = openDataCloudLogin({ store: jobs, clock })
    const login = (password: string) => logIn({ username: 'bob', password })
    const first = await login('the-first-password')
    assert.ok(first.kind === 'known')
    assert.deepEqual(first.user.permissions, permissions)
    const { accessToken: token } = await issueTokens({ store: jobs, clock }, first.user.username)
    assert.ok(await userOfToken({ store: jobs, clock }, token))

    await accounts.setPassword('BOB', 'a-new-password')
    assert.equal(await userOfToken({ store: jobs, clock }, token), null)
    assert.equal((await login('the-first-password')).kind, 'wrong')
    await accounts.activate('bob', false)
    assert.equal((await login('a-new-password')).kind, 'inactive')
  })
}
