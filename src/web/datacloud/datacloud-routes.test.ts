import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import Fastify from 'fastify'
import { afterTest } from '../../../test/support/after-test.ts'
import { COMMAND_JOB } from '../../../test/support/commands.ts'
import { quickHash } from '../../../test/support/quick-password.ts'
import {
  jobConfig,
  NOON,
  openReceivingStoreAt,
  openTestClock,
  openTestLog,
} from '../../../test/support/receiving.ts'
import { openTestRunJob } from '../../../test/support/run-jobs.ts'
import { storesUnderTest } from '../../../test/support/stores.ts'
import { sha256Hex } from '../../jobs/datacloud-users.ts'
import type { JobPolicy } from '../../jobs/kinds/job-policy.ts'
import { DEFAULT_LIMITS } from '../../jobs/run-limits.ts'
import { openRunner } from '../../jobs/runner.ts'
import { dataCloudRoutes } from './datacloud-routes.ts'

const passwordHash = quickHash('secret')

const user = { passwordHash, isActive: true, role: 'General User', executes: [] } as const

type Call = {
  readonly as?: string | null
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

type Json = Record<string, unknown>

for (const store of storesUnderTest()) {
  const open = async (t: TestContext, jobPolicy: JobPolicy = { kind: 'any' }) => {
    const { jobs } = await openReceivingStoreAt(t, await store.url(t))
    const [clock, log] = [openTestClock(), openTestLog()]
    await jobs.writeUser({
      ...user,
      userId: 'u1',
      username: 'admin',
      role: 'Admin',
      executes: ['*'],
    })
    await jobs.writeUser({ ...user, userId: 'u2', username: 'olga', executes: ['accounts'] })
    await jobs.writeUser({ ...user, userId: 'u3', username: 'vic' })
    await jobs.writeUser({ ...user, userId: 'u4', username: 'gone', isActive: false })
    await jobs.writeConfig(jobConfig())
    const app = Fastify()
    await app.register(
      dataCloudRoutes({ store: jobs, clock, log, jobPolicy, nudgeRunner: () => {} }),
    )
    afterTest(t, () => app.close())

    const tokens = new Map<string, string>()
    const login = async (username: string, password = 'secret') => {
      const response = await app.inject({
        method: 'POST',
        url: '/v2/api/login',
        payload: { username, password },
      })
      return { status: response.statusCode, body: response.json<Json>() }
    }
    const call = async (target: string, { as = 'admin', body, headers }: Call = {}) => {
      if (as !== null && !tokens.has(as)) {
        tokens.set(as, String((await login(as)).body.access_token))
      }
      const [method = '', path = ''] = target.split(' ')
      const response = await app.inject({
        method: method as 'GET',
        url: `/v2/api${path}`,
        headers: { ...(as !== null && { authorization: `Bearer ${tokens.get(as)}` }), ...headers },
        ...(body !== undefined && { payload: body as string }),
      })
      const isJson = response.headers['content-type']?.toString().includes('json') ?? false
      const json: Json = isJson && response.body !== '' ? response.json() : {}
      return { status: response.statusCode, json, text: response.body, headers: response.headers }
    }
    const codeOf = async (target: string, ask?: Call) => {
      const { status, json } = await call(target, ask)
      return [status, json.code]
    }
    return { jobs, clock, log, login, call, codeOf }
  }
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  /** Where the store makes no difference. */
  const once = (name: string, body: (t: TestContext) => Promise<void>) => {
    if (store.name === 'SQLite') test(name, body)
  }

  on('who logs in gets a token of ten hours, and only its hash is kept', async (t) => {
    const { jobs, clock, login, codeOf } = await open(t)
    const { status, body } = await login('Admin')
    assert.equal(status, 200)
    assert.deepEqual([body.token_type, body.expires_in], ['bearer', 36_000])
    const token = String(body.access_token)
    assert.equal(await jobs.readToken(token), null)
    assert.equal((await jobs.readToken(sha256Hex(token)))?.username, 'admin')

    assert.deepEqual(await codeOf('GET /jobs'), [200, undefined])
    clock.advance(36_000_000)
    assert.deepEqual(await codeOf('GET /jobs'), [401, 'TOKEN_INVALID'])
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
          [403, 'USER_INACTIVE'],
        ],
      )
      assert.deepEqual(await codeOf('GET /jobs', { as: null }), [401, 'TOKEN_MISSING'])
      const headers = { authorization: 'Bearer made-up' }
      assert.deepEqual(await codeOf('GET /jobs', { as: null, headers }), [401, 'TOKEN_INVALID'])
      assert.deepEqual(await codeOf('POST /login', { as: null, body: {} }), [400, 'INVALID_FIELD'])

      assert.deepEqual(await codeOf('GET /jobs', { as: 'olga' }), [200, undefined])
      await jobs.writeUser({ ...user, userId: 'u2', username: 'olga', isActive: false })
      assert.deepEqual(await codeOf('GET /jobs', { as: 'olga' }), [401, 'TOKEN_INVALID'])
    },
  )

  on('a job config is made, read, changed and deleted, and its secret never shown', async (t) => {
    const { jobs, call, codeOf } = await open(t)
    const pathSecret = 'A-secret.of_22~letters'
    const body = {
      name: 'Contacts',
      active: false,
      job: { kind: 'command', command: ['/bin/cat'] },
      runtimeConfig: { inMessages: [{ name: 'contact' }] },
      authentication: { pathSecret, organizationIds: ['00D5e000000Abc1'] },
    }
    const created = await call('POST /jobconfigs', { body })
    assert.equal(created.status, 201)
    const { id } = created.json
    assert.deepEqual(created.json, {
      id,
      name: 'Contacts',
      description: null,
      active: false,
      whenInactive: 'hold',
      routeState: 'hold',
      job: { ...COMMAND_JOB, command: ['/bin/cat'], timeoutMs: 600_000 },
      runtimeConfig: { inMessages: [{ name: 'contact' }] },
      attemptsMax: 5,
      limits: DEFAULT_LIMITS,
      ordering: 'none',
      runPer: 'notification',
      blocking: false,
      staleChanges: 'flag',
      ownUserIds: [],
      fieldLists: [],
      authentication: {
        pathSecretCount: 1,
        allowedIps: [],
        clientCertificate: null,
        organizationIds: ['00D5e000000Abc1EAC'],
        actionIds: [],
        classicSession: null,
      },
      endpoint: `/v2/api/jobconfigs/${id}/sfdc/obm`,
      source: 'api',
    })
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
    assert.equal(changed?.messageName, 'contact')

    assert.equal((await call(`DELETE /jobconfigs/${id}`)).status, 204)
    assert.deepEqual(await codeOf(`GET /jobconfigs/${id}`), [404, 'JOB_CONFIG_NOT_FOUND'])
  })

  on('job configs are activated and deactivated in bulk and singly', async (t) => {
    const { jobs, call, codeOf } = await open(t)
    await jobs.writeConfig(jobConfig({ jobConfigId: 'other' }))
    const ids = ['accounts', 'other']
    assert.equal((await call('PATCH /jobconfigs/deactivate', { body: ids })).status, 200)
    assert.deepEqual(
      (await jobs.listConfigs()).map(({ isActive }) => isActive),
      [false, false],
    )
    const run = await call('POST /jobconfigs/accounts/jobs')
    assert.equal(run.json.status, 'WAITING')

    await call('PATCH /jobconfigs/activate', { body: { ids } })
    assert.equal((await call(`GET /jobs/${run.json.id}`)).json.status, 'QUEUED')
    assert.equal((await call('PATCH /jobconfigs/other/deactivate')).json.active, false)
    const unknown = { body: ['accounts', 'nobody'] }
    assert.deepEqual(await codeOf('PATCH /jobconfigs/deactivate', unknown), [
      404,
      'JOB_CONFIG_NOT_FOUND',
    ])
    assert.equal((await jobs.readConfig('accounts'))?.isActive, true)
  })

  on('a job is run with a message, watched, and its log read', async (t) => {
    const { jobs, clock, log, call, codeOf } = await open(t)
    const cat = ['cat']
    await jobs.writeConfig({ ...jobConfig(), job: { ...COMMAND_JOB, command: cat } })
    const message = { body: 'hello', properties: [{ key: 'Colour', value: 'red' }] }
    const body = { runtimeConfig: { inMessages: [message] } }

    const submitted = await call('POST /jobconfigs/accounts/jobs', { as: 'olga', body })
    assert.equal(submitted.status, 202)
    assert.deepEqual(submitted.json, {
      id: submitted.json.id,
      status: 'QUEUED',
      scheduled: new Date(NOON).toISOString(),
      jobConfig: { id: 'accounts' },
      submittedByUser: { id: 'olga' },
    })
    assert.match((await call('GET /jobs/pending')).text, new RegExp(String(submitted.json.id)))
    const runJob = openTestRunJob()
    await openRunner({ store: jobs, runJob, clock, log }).turn()

    const { json } = await call(`GET /jobs/${submitted.json.id}`)
    assert.deepEqual([json.status, json.returnCode, json.duration], ['FINISHED', 0, 0])
    assert.deepEqual(json.jobConfig, { id: 'accounts', name: 'Copy accounts' })
    assert.deepEqual(json.runtimeConfig, { inMessages: [{ name: 'msg1', ...message }] })
    assert.equal((await call(`GET ${String(json.jobLog).slice('/v2/api'.length)}`)).text, 'hello')
    assert.equal((await call('GET /jobs/unfinished')).text, '[]')
    const empty = { body: '', headers: { 'content-type': 'application/json' } }
    assert.equal((await call('POST /jobconfigs/accounts/jobs', empty)).status, 202)
    assert.equal(
      (await call('GET /jobs?status=finished&jobConfigId=accounts')).headers['x-total-count'],
      '1',
    )
    assert.deepEqual(await codeOf('GET /jobs/nobody'), [404, 'JOB_NOT_FOUND'])
    assert.deepEqual(await codeOf('GET /jobs/%00/log'), [404, 'JOB_NOT_FOUND'])
  })

  once('a message is also taken as the body of the listener route', async (t) => {
    const { jobs, call } = await open(t)
    const headers = { 'content-type': 'application/json' }
    const ask = { body: '{"not":"parsed"', headers }
    const { status, json } = await call('POST /jobconfigs/accounts/listener?messagename=in', ask)
    assert.equal(status, 202)
    const run = await jobs.readRun(String(json.id))
    assert.deepEqual(run?.message, { name: 'in', body: '{"not":"parsed"', properties: {} })
  })

  once('jobs are stopped singly and in bulk', async (t) => {
    const { call } = await open(t)
    const ids: unknown[] = []
    for (let count = 0; count < 3; count += 1) {
      ids.push((await call('POST /jobconfigs/accounts/jobs')).json.id)
    }
    const single = await call(`DELETE /jobs/${ids[0]}`, { as: 'olga' })
    assert.deepEqual(single.json, { id: ids[0], status: 'CANCELLED' })
    const bulk = await call(`DELETE /jobs/stop?ids=${ids[1]},${ids[2]}`)
    assert.deepEqual(
      bulk.json,
      [1, 2].map((index) => ({ id: ids[index], status: 'CANCELLED' })),
    )
    const { json } = await call(`GET /jobs/${ids[0]}`)
    assert.deepEqual(json.stoppedByUser, { id: 'olga' })
  })

  once('who may not execute a job config is refused on every way to its runs', async (t) => {
    const { jobs, call, codeOf } = await open(t)
    const { id } = (await call('POST /jobconfigs/accounts/jobs')).json
    const refused = [403, 'EXECUTE_NOT_ALLOWED']
    for (const target of [
      'POST /jobconfigs/accounts/jobs',
      'POST /jobconfigs/accounts/listener',
      'GET /jobconfigs/accounts',
      'GET /jobs?jobConfigId=accounts',
      `GET /jobs/${id}`,
      `GET /jobs/${id}/log`,
      `DELETE /jobs/${id}`,
      `DELETE /jobs/stop?ids=${id}`,
    ]) {
      const ask = target.includes('listener')
        ? { body: 'x', headers: { 'content-type': 'text/plain' } }
        : {}
      assert.deepEqual(await codeOf(target, { as: 'vic', ...ask }), refused, target)
    }
    assert.equal((await call('GET /jobs', { as: 'vic' })).text, '[]')
    assert.equal((await call('GET /jobconfigs', { as: 'vic' })).text, '[]')
    await jobs.writeUser({ ...user, userId: 'u1', username: 'admin', role: 'Admin', executes: [] })
    assert.deepEqual(await codeOf('POST /jobconfigs/accounts/jobs'), refused)
  })

  once('only an Admin changes job configs', async (t) => {
    const { codeOf } = await open(t)
    for (const target of [
      'POST /jobconfigs',
      'PUT /jobconfigs/accounts',
      'PATCH /jobconfigs/accounts',
      'PATCH /jobconfigs/accounts/activate',
      'DELETE /jobconfigs/accounts',
    ]) {
      const ask = target.startsWith('DELETE') ? {} : { body: {} }
      assert.deepEqual(
        await codeOf(target, { as: 'olga', ...ask }),
        [403, 'ADMIN_REQUIRED'],
        target,
      )
    }
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
      [
        { name: 'n', job: { kind: 'sql' } },
        /^job\.kind: expected "command" or "http", found "sql"/,
      ],
      [{ name: 'n', job: { ...job, command: ['a\0'] } }, /^job\.command: /],
      [{ name: 'n', job: { ...job, timeoutMs: 1e12 } }, /^job\.timeoutMs: expected a whole number/],
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
    assert.deepEqual(await codeOf('GET /jobs?status=LOST'), [400, 'INVALID_FIELD'])
    assert.deepEqual(await codeOf('GET /jobs?limit=0'), [400, 'INVALID_FIELD'])
    assert.deepEqual(await codeOf('GET /nothing'), [404, 'NOT_FOUND'])
  })
}
