import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { idsOf, openDataCloudApi } from '../../../../test/support/datacloud-api.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'

const PASSWORD = 'correct horse battery'

for (const store of storesUnderTest()) {
  const open = async (t: TestContext) => openDataCloudApi(t, await store.url(t))
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  /** Where the store makes no difference. */
  const once = (name: string, body: (t: TestContext) => Promise<void>) => {
    if (store.name === 'SQLite') test(name, body)
  }

  on('an Admin makes a user with rights, who may then do that much', async (t) => {
    const { login, call, codeOf } = await open(t)
    const permissions = [
      { resourceType: 'jobconfigs', allowed: ['view', 'execute'], resourceIds: ['accounts'] },
    ]
    const body = { username: 'Pia', password: PASSWORD, permissions }
    const created = await call('POST /users', { body })
    assert.equal(created.status, 201)
    const { id } = created.json
    assert.deepEqual(created.json, {
      id,
      username: 'Pia',
      href: `/v2/api/users/${id}`,
      active: true,
      admin: false,
      role: 'General User',
      permissions,
    })
    assert.deepEqual(await codeOf('POST /users', { body: { ...body, username: 'PIA' } }), [
      409,
      'USERNAME_TAKEN',
    ])
    const { access_token } = (await login('pia', PASSWORD)).body
    const headers = { authorization: `Bearer ${access_token}` }
    const asPia = { as: null, headers }
    assert.equal((await call('POST /jobconfigs/accounts/jobs', asPia)).status, 202)
    assert.deepEqual(await codeOf('DELETE /jobconfigs/accounts', asPia), [
      403,
      'DELETE_NOT_ALLOWED',
    ])
    assert.deepEqual((await call(`GET /users/${id}`, asPia)).json, created.json)

    const all = [{ allowed: ['*'], resourceIds: ['*'] }]
    const changed = await call(`PATCH /users/${id}`, { body: { permissions: all } })
    assert.equal(changed.status, 200)
    assert.equal((await call('DELETE /jobconfigs/accounts', asPia)).status, 204)
    assert.deepEqual(idsOf((await call('GET /users?size=2&offset=1')).json), [`id-of-olga`, id])
    assert.equal((await call('GET /users')).json.totalRecords, 5)
  })

  on('a password is changed by who knows it, or by an Admin for others', async (t) => {
    const { login, codeOf } = await open(t)
    const path = 'PUT /users/id-of-olga/password'
    const asOlga = (currentPassword?: string) => ({
      as: 'olga',
      body: { password: PASSWORD, ...(currentPassword && { currentPassword }) },
    })
    assert.deepEqual(await codeOf(path, asOlga()), [400, 'INVALID_FIELD'])
    assert.deepEqual(await codeOf(path, asOlga('guessed')), [403, 'PASSWORD_WRONG'])
    assert.deepEqual(await codeOf(path, asOlga('secret')), [204, undefined])
    assert.deepEqual(await codeOf('GET /jobs', { as: 'olga' }), [401, 'TOKEN_INVALID'])
    assert.equal((await login('olga')).status, 401)
    assert.equal((await login('olga', PASSWORD)).status, 200)

    const body = { password: `another ${PASSWORD}` }
    assert.deepEqual(await codeOf(path, { body }), [204, undefined])
    assert.equal((await login('olga', body.password)).status, 200)
    assert.deepEqual(await codeOf('PUT /users/id-of-admin/password', { body }), [
      400,
      'INVALID_FIELD',
    ])
  })

  once('passwords of oneself are not guessed either', async (t) => {
    const { call } = await open(t)
    const statuses: number[] = []
    for (let guess = 0; guess < 12; guess += 1) {
      const body = { password: PASSWORD, currentPassword: `guess ${guess}` }
      const ask = { as: 'olga', body }
      statuses.push((await call('PUT /users/id-of-olga/password', ask)).status)
    }
    assert.deepEqual(statuses.slice(9), [403, 429, 429])
  })

  on('users are made inactive and active in bulk, but nobody does it to oneself', async (t) => {
    const { login, call, codeOf } = await open(t)
    assert.equal((await login('vic')).status, 200)
    const recordIds = ['id-of-vic', 'id-of-olga']
    const inactive = await call('PATCH /users/deactivate', { body: { recordIds } })
    assert.deepEqual([inactive.status, (await login('vic')).status], [200, 401])
    await call('PATCH /users/activate', { body: { recordIds } })
    assert.equal((await login('vic')).status, 200)

    const own = { body: { recordIds: ['id-of-vic', 'id-of-admin'] } }
    const refused = [403, 'NOT_ON_ONESELF']
    assert.deepEqual(await codeOf('PATCH /users/deactivate', own), refused)
    assert.deepEqual(await codeOf('PATCH /users/id-of-admin', { body: { admin: false } }), refused)
    assert.deepEqual(await codeOf('PATCH /users/id-of-admin', { body: { active: false } }), refused)
    assert.equal((await login('vic')).status, 200)
    const unknown = { body: { recordIds: ['id-of-vic', 'nobody'] } }
    assert.deepEqual(await codeOf('PATCH /users/deactivate', unknown), [404, 'USER_NOT_FOUND'])
    assert.equal((await login('vic')).status, 200)
  })

  once('what is wrong with a user is named, and a password never repeated', async (t) => {
    const { call, codeOf } = await open(t)
    const cases: readonly [unknown, RegExp][] = [
      [{ username: 'n' }, /^password: expected a text of 12 to 1000 characters, found nothing/],
      [{ username: 'n', password: 'short pass' }, /^password: expected/],
      [{ password: PASSWORD }, /^username: expected a text/],
      [{ username: 'n', password: PASSWORD, role: 'Boss' }, /^role: expected "Admin" or/],
      [{ username: 'n', password: PASSWORD, role: 'Admin', admin: false }, /^admin: expected what/],
      [
        { username: 'n', password: PASSWORD, permissions: [{ allowed: ['run'] }] },
        /^permissions\[0\]\.allowed: expected some of view, edit, delete, execute/,
      ],
      [
        { username: 'n', password: PASSWORD, permissions: [{ resourceType: 'jobtemplates' }] },
        /^permissions\[0\]\.resourceType: expected "jobconfigs"/,
      ],
    ]
    for (const [body, expected] of cases) {
      const { status, json } = await call('POST /users', { body })
      assert.equal(status, 400)
      assert.match(String(json.message), expected)
      assert.doesNotMatch(String(json.message), /short pass/)
    }
    assert.deepEqual(await codeOf('GET /users/nobody'), [404, 'USER_NOT_FOUND'])
    const renamed = await call('PATCH /users/id-of-vic', { body: { username: 'victor' } })
    assert.match(String(renamed.json.message), /user names never change/)
  })
}
