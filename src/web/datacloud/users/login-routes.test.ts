import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { dataCloudUser, openDataCloudApi } from '../../../../test/support/datacloud-api.ts'
import { quickHash } from '../../../../test/support/quick-password.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'
import { LOGIN_FAILURES_MAX } from '../../../base/secrets/login-throttle.ts'
import { sha256Hex } from '../../../base/secrets/sha256-hex.ts'

for (const store of storesUnderTest()) {
  const open = async (t: TestContext) => openDataCloudApi(t, await store.url(t))
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  /** Where the store makes no difference. */
  const once = (name: string, body: (t: TestContext) => Promise<void>) => {
    if (store.name === 'SQLite') test(name, body)
  }

  on('who logs in gets a token of ten hours, and only its hash is kept', async (t) => {
    const { jobs, clock, login, codeOf } = await open(t)
    const { status, body, headers } = await login('Admin')
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body), [
      'access_token',
      'token_type',
      'refresh_token',
      'expires_in',
    ])
    assert.deepEqual([body.token_type, body.expires_in], ['bearer', 36_000])
    assert.equal(headers['cache-control'], 'no-store')
    const token = String(body.access_token)
    assert.equal(await jobs.readToken(token), null)
    assert.equal((await jobs.readToken(sha256Hex(token)))?.username, 'admin')

    assert.deepEqual(await codeOf('GET /jobs'), [200, undefined])
    clock.advance(36_000_000)
    assert.deepEqual(await codeOf('GET /jobs'), [401, 'TOKEN_INVALID'])
  })

  on('a refresh token gets the next pair, once; a copy of a used one ends the login', async (t) => {
    const { clock, login, call, codeOf } = await open(t)
    const refresh = (token: unknown) => {
      const ask = { as: null, body: { refresh_token: token } }
      return call('POST /login/refresh', ask)
    }
    const opens = (token: unknown) => {
      const headers = { authorization: `Bearer ${String(token)}` }
      return codeOf('GET /jobs', { as: null, headers })
    }
    const first = (await login('admin')).body
    assert.deepEqual(await opens(first.refresh_token), [401, 'TOKEN_INVALID'])
    clock.advance(36_000_000)
    const { status, json: second } = await refresh(first.refresh_token)
    assert.equal(status, 200)
    assert.deepEqual(await opens(first.access_token), [401, 'TOKEN_INVALID'])
    assert.deepEqual(await opens(second.access_token), [200, undefined])

    const copy = await refresh(first.refresh_token)
    assert.deepEqual([copy.status, copy.json.code], [401, 'TOKEN_INVALID'])
    assert.deepEqual(await opens(second.access_token), [401, 'TOKEN_INVALID'])
    assert.equal((await refresh(second.refresh_token)).status, 401)

    const late = (await login('admin')).body
    clock.advance(7 * 86_400_000)
    assert.equal((await refresh(late.refresh_token)).status, 401)
    assert.equal((await refresh('made up')).status, 401)
  })

  on('a new password and inactivity end all tokens of a user', async (t) => {
    const { jobs, login, call, codeOf } = await open(t)
    for (const change of [{ passwordHash: quickHash('other') }, { isActive: false }]) {
      const { refresh_token } = (await login('vic')).body
      const vic = (await login('vic')).body.access_token
      const headers = { authorization: `Bearer ${String(vic)}` }
      assert.deepEqual(await codeOf('GET /jobs', { as: null, headers }), [200, undefined])
      await jobs.writeUser(dataCloudUser('vic', change))
      await jobs.writeUser(dataCloudUser('vic'))
      assert.deepEqual(await codeOf('GET /jobs', { as: null, headers }), [401, 'TOKEN_INVALID'])
      const ask = { as: null, body: { refresh_token } }
      assert.equal((await call('POST /login/refresh', ask)).status, 401)
    }
  })

  once(
    'a wrong password, an unknown user, an inactive one and a missing token are told apart',
    async (t) => {
      const { jobs, login, codeOf } = await open(t)
      const refusals = [await login('admin', 'no'), await login('nobody'), await login('gone')]
      assert.deepEqual(
        refusals.map(({ status, body }) => [status, body.code]),
        [
          [401, 'LOGIN_FAILED'],
          [401, 'LOGIN_FAILED'],
          [401, 'USER_INACTIVE'],
        ],
      )
      assert.equal((await login('gone', 'no')).body.code, 'LOGIN_FAILED')
      assert.deepEqual(await codeOf('GET /jobs', { as: null }), [401, 'TOKEN_MISSING'])
      const headers = { authorization: 'Bearer made-up' }
      assert.deepEqual(await codeOf('GET /jobs', { as: null, headers }), [401, 'TOKEN_INVALID'])
      assert.deepEqual(await codeOf('POST /login', { as: null, body: {} }), [400, 'INVALID_FIELD'])

      assert.deepEqual(await codeOf('GET /jobs', { as: 'olga' }), [200, undefined])
      await jobs.writeUser(dataCloudUser('olga', { isActive: false }))
      assert.deepEqual(await codeOf('GET /jobs', { as: 'olga' }), [401, 'TOKEN_INVALID'])
    },
  )

  once('who guesses passwords has to wait; others, and the next minute, do not', async (t) => {
    const { clock, login } = await open(t)
    const guesses = await Promise.all(
      Array.from({ length: LOGIN_FAILURES_MAX + 5 }, (_, index) => login('admin', `no${index}`)),
    )
    const refused = guesses.filter(({ body }) => body.code === 'LOGIN_RATE_EXCEEDED')
    assert.equal(refused.length, 5)
    assert.deepEqual([refused[0]?.status, refused[0]?.headers['retry-after']], [429, '60'])
    assert.equal((await login('ADMIN')).status, 429)
    assert.equal((await login('olga')).status, 200)
    clock.advance(60_000)
    assert.equal((await login('admin')).status, 200)
  })
}
