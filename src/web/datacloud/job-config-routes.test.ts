import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  dataCloudUser,
  idsOf,
  openDataCloudApi,
  permission,
} from '../../../test/support/datacloud-api.ts'
import { jobConfig } from '../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { sha256Hex } from '../../base/secrets/sha256-hex.ts'
import type { JobPolicy } from '../../jobs/kinds/job-policy.ts'

for (const store of storesUnderTest()) {
  const open = async (t: TestContext, jobPolicy: JobPolicy = { kind: 'any' }) =>
    openDataCloudApi(t, await store.url(t), { jobPolicy })
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  /** Where the store makes no difference. */
  const once = (name: string, body: (t: TestContext) => Promise<void>) => {
    if (store.name === 'SQLite') test(name, body)
  }

  on('a job config is made, read, changed and deleted, and its secret never shown', async (t) => {
    const { jobs, call, codeOf } = await open(t)
    const pathSecret = 'A-secret.of_22~letters'
    const body = {
      name: 'Contacts',
      active: false,
      job: { kind: 'command', command: ['/bin/cat'] },
      runtimeConfig: { inMessages: [{ name: 'contact' }], outMessageNames: ['answer'] },
      authentication: { pathSecret, organizationIds: ['00D5e000000Abc1'] },
    }
    const created = await call('POST /jobconfigs', { body })
    assert.equal(created.status, 201)
    const { id } = created.json
    assert.partialDeepStrictEqual(created.json, {
      id,
      name: 'Contacts',
      description: null,
      href: `/v2/api/jobconfigs/${id}`,
      active: false,
      job: { kind: 'command', command: ['/bin/cat'], workingFolder: null, timeoutMs: 600_000 },
      runtimeConfig: { inMessages: [{ name: 'contact' }], outMessageNames: ['answer'] },
      attemptsMax: 5,
      authentication: {
        pathSecretCount: 1,
        organizationIds: ['00D5e000000Abc1EAC'],
        classicSession: null,
      },
      endpoint: `/v2/api/jobconfigs/${id}/sfdc/obm`,
      source: 'api',
    })
    assert.doesNotMatch(created.text, new RegExp(sha256Hex(pathSecret)))
    const kept = await jobs.readConfig(String(id))
    assert.deepEqual(kept?.authentication.pathSecretHashes, [sha256Hex(pathSecret)])

    const { json } = await call(`GET /jobconfigs/${id}`)
    assert.deepEqual(json, created.json)
    assert.equal((await call(`PUT /jobconfigs/${id}`, { body: json })).status, 200)
    assert.deepEqual(await jobs.readConfig(String(id)), kept)

    await call(`PATCH /jobconfigs/${id}`, {
      body: { name: 'New', authentication: { pathSecret: null } },
    })
    const changed = await jobs.readConfig(String(id))
    assert.deepEqual([changed?.name, changed?.authentication.pathSecretHashes], ['New', []])
    assert.deepEqual([changed?.messageName, changed?.outMessageName], ['contact', 'answer'])

    assert.equal((await call(`DELETE /jobconfigs/${id}`)).status, 204)
    assert.deepEqual(await codeOf(`GET /jobconfigs/${id}`), [404, 'JOB_CONFIG_NOT_FOUND'])
  })

  on('a change is written only over the version it was made from', async (t) => {
    const { call, codeOf } = await open(t)
    const path = '/jobconfigs/accounts'
    const read = await call(`GET ${path}`)
    const headers = { 'if-match': String(read.headers.etag) }
    const first = await call(`PATCH ${path}`, { body: { name: 'First' }, headers })
    assert.equal(first.status, 200)
    assert.notEqual(first.headers.etag, read.headers.etag)
    assert.equal((await call(`GET ${path}`)).headers.etag, first.headers.etag)
    const late = [412, 'PRECONDITION_FAILED']
    const body = { ...read.json, name: 'Second' }
    assert.deepEqual(await codeOf(`PUT ${path}`, { body, headers }), late)
    assert.deepEqual(await codeOf(`DELETE ${path}`, { headers }), late)

    await call(`PATCH ${path}/deactivate`) // another version, too
    const known = { 'if-match': String(first.headers.etag) }
    assert.deepEqual(await codeOf(`PATCH ${path}`, { body: {}, headers: known }), late)
    assert.equal((await call(`GET ${path}`)).json.name, 'First')
    const any = { body: { name: 'Third' }, headers: { 'if-match': '*' } }
    assert.equal((await call(`PATCH ${path}`, any)).json.name, 'Third')
  })

  on('changes of different fields that come at once are all kept', async (t) => {
    const { call } = await open(t)
    const path = '/jobconfigs/accounts'
    const changes = [{ name: 'New' }, { description: 'said' }, { attemptsMax: 7 }]
    const answers = await Promise.all(changes.map((body) => call(`PATCH ${path}`, { body })))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    )
    const { name, description, attemptsMax } = (await call(`GET ${path}`)).json
    assert.deepEqual([name, description, attemptsMax], ['New', 'said', 7])
  })

  on('a clone has all but the name, and waits to be activated', async (t) => {
    const { jobs, call, codeOf } = await open(t)
    const authentication = { ...jobConfig().authentication, pathSecretHashes: [sha256Hex('s')] }
    await jobs.writeConfig(jobConfig({ authentication }))
    const clone = await call('POST /jobconfigs/accounts/clone?name=Twin')
    assert.equal(clone.status, 201)
    const jobConfigId = String(clone.json.id)
    assert.deepEqual(
      await jobs.readConfig(jobConfigId),
      jobConfig({ authentication, jobConfigId, name: 'Twin', isActive: false }),
    )
    const { json } = await call('POST /jobconfigs/accounts/clone')
    assert.equal(json.name, 'Copy accounts (copy)')
    assert.deepEqual(await codeOf('POST /jobconfigs/accounts/clone?name='), [400, 'INVALID_FIELD'])
  })

  on('job configs are activated, deactivated and deleted in bulk and singly', async (t) => {
    const { jobs, call, codeOf } = await open(t)
    await jobs.writeConfig(jobConfig({ jobConfigId: 'other' }))
    const recordIds = ['accounts', 'other']
    const body = { recordIds }
    assert.equal((await call('PATCH /jobconfigs/deactivate', { body })).status, 200)
    assert.deepEqual(
      (await jobs.listConfigs()).map(({ isActive }) => isActive),
      [false, false],
    )
    const run = await call('POST /jobconfigs/accounts/jobs')
    assert.equal(run.json.status, 'WAITING')

    await call('PATCH /jobconfigs/activate', { body: recordIds })
    assert.equal((await call(`GET /jobs/${run.json.id}`)).json.status, 'QUEUED')
    assert.equal((await call('PATCH /jobconfigs/other/deactivate')).json.active, false)
    const unknown = { body: { recordIds: ['accounts', 'nobody'] } }
    for (const target of ['PATCH /jobconfigs/deactivate', 'DELETE /jobconfigs/delete']) {
      assert.deepEqual(await codeOf(target, unknown), [404, 'JOB_CONFIG_NOT_FOUND'])
    }
    assert.equal((await jobs.readConfig('accounts'))?.isActive, true)

    assert.deepEqual(idsOf((await call('GET /jobconfigs?active=true')).json), ['accounts'])
    assert.equal((await call('DELETE /jobconfigs/delete', { body })).status, 204)
    assert.equal((await call('GET /jobconfigs')).json.totalRecords, 0)
  })

  once('lists come a page at a time, and hold what the user may view', async (t) => {
    const { jobs, call } = await open(t)
    for (const id of ['b', 'c', 'd']) {
      await jobs.writeConfig(jobConfig({ jobConfigId: id, name: id }))
    }
    const { json } = await call('GET /jobconfigs?size=2&offset=1&active=TRUE')
    const { items, ...page } = json
    assert.deepEqual(idsOf({ items }), ['c', 'd'])
    assert.deepEqual(page, {
      totalRecords: 4,
      totalPages: 2,
      size: 2,
      pageNumber: 1,
      links: { prev: '/v2/api/jobconfigs?size=2&offset=0&active=TRUE' },
    })
    await jobs.writeUser(
      dataCloudUser('pia', {
        permissions: [permission(['view'], ['c']), permission(['delete'], ['b'])],
      }),
    )
    assert.deepEqual(idsOf((await call('GET /jobconfigs', { as: 'pia' })).json), ['b', 'c'])
    assert.deepEqual(idsOf((await call('GET /jobconfigs', { as: 'vic' })).json), [])
  })

  once('who may edit but not execute writes inactive job configs only', async (t) => {
    const { jobs, call, codeOf } = await open(t)
    await jobs.writeUser(dataCloudUser('eva', { permissions: [permission(['edit'])] }))
    const as = 'eva'
    const refused = [403, 'EXECUTE_NOT_ALLOWED']
    const body = { name: 'n', job: { kind: 'command', command: ['true'] } }
    assert.deepEqual(await codeOf('POST /jobconfigs', { as, body }), refused)
    const path = '/jobconfigs/accounts'
    assert.deepEqual(await codeOf(`PATCH ${path}`, { as, body: { name: 'n' } }), refused)
    assert.deepEqual(await codeOf(`PUT ${path}`, { as, body }), refused)
    assert.deepEqual(await codeOf(`PATCH ${path}/activate`, { as }), refused)

    const off = { as, body: { active: false } }
    assert.equal((await call(`PATCH ${path}`, off)).status, 200)
    assert.deepEqual(await codeOf(`PATCH ${path}`, { as, body: { active: true } }), refused)
    const inactive = { as, body: { ...body, active: false } }
    assert.equal((await call('POST /jobconfigs', inactive)).status, 201)
    assert.equal((await call(`POST ${path}/clone`, { as })).status, 201)
    assert.deepEqual(await codeOf(`POST ${path}/clone`, { as: 'olga' }), [403, 'EDIT_NOT_ALLOWED'])
  })

  once('a program that the operator did not list cannot be configured', async (t) => {
    const { call, codeOf } = await open(t, {
      kind: 'listed',
      programs: ['/bin/cat'],
      workingFolders: [],
      urls: [],
    })
    const body = (command: readonly string[], workingFolder: string | null = null) => ({
      body: { name: 'n', job: { kind: 'command', command, workingFolder } },
    })
    const refused = [403, 'JOB_NOT_ALLOWED']
    assert.deepEqual(await codeOf('POST /jobconfigs', body(['/bin/sh', '-c', 'id'])), refused)
    assert.deepEqual(await codeOf('POST /jobconfigs', body(['cat'])), refused)
    assert.deepEqual(await codeOf('POST /jobconfigs', body(['/bin/cat'], '/etc')), refused)
    assert.equal((await call('POST /jobconfigs', body(['/bin/cat']))).status, 201)
  })

  once('what is wrong in a request is named, with what was expected', async (t) => {
    const { call, codeOf } = await open(t)
    const job = { kind: 'command', command: ['true'] }
    const cases: readonly [unknown, RegExp][] = [
      [{}, /^name: expected a text/],
      [{ name: 'n' }, /^job: expected an object, found nothing/],
      [{ name: 'n', job, nmae: 1 }, /^nmae is not known: expected one of name,/],
      [{ name: 'n', job: { kind: 'sql' } }, /^job\.kind: expected .*, found "sql"/],
      [{ name: 'n', job: { ...job, command: ['a\0'] } }, /^job\.command: /],
      [{ name: 'n', job: { ...job, timeoutMs: 1e12 } }, /^job\.timeoutMs: expected a whole number/],
      [
        { name: 'n', job, runtimeConfig: { outMessageNames: ['a', 'b'] } },
        /^runtimeConfig\.outMessageNames: expected a list of up to 1/,
      ],
      [
        { name: 'n', job, authentication: { pathSecret: 'short-Secret' } },
        /pathSecret: expected a secret of 22/,
      ],
      [
        { name: 'n', job, authentication: { organizationIds: ['1'] } },
        /organizationIds: expected ids/,
      ],
      [
        { name: 'n', job, authentication: { classicSession: {} } },
        /allowedHosts: expected at least one/,
      ],
      ['[]', /^the body: expected an object/],
    ]
    for (const [body, expected] of cases) {
      const headers = { 'content-type': 'application/json' }
      const { status, json } = await call('POST /jobconfigs', { body, headers })
      assert.equal(status, 400)
      assert.match(String(json.message), expected)
      assert.doesNotMatch(String(json.message), /short-Secret/)
    }
    assert.deepEqual(await codeOf('GET /jobconfigs?size=0'), [400, 'INVALID_FIELD'])
    assert.deepEqual(await codeOf('GET /jobconfigs?filterby=name'), [400, 'UNKNOWN_PARAMETER'])
    assert.deepEqual(await codeOf('GET /nothing'), [404, 'NOT_FOUND'])
    const headers = { 'content-type': 'application/json' }
    assert.deepEqual(await codeOf('POST /jobconfigs', { body: '{"a', headers }), [
      400,
      'BAD_REQUEST',
    ])
  })
}
