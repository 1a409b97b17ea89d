import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Call,
  dataCloudUser,
  openDataCloudApi,
  permission,
} from '../../../../test/support/datacloud-api.ts'
import { jobConfig, NO_PLACE } from '../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'
import { RIGHTS } from '../../../jobs/users/datacloud-user.ts'
import { writeWsdl } from '../../../wire/wsdl.ts'

/**
 * Every route, and who may: `anyone`, `user` (a token), `Admin`, `self` (an Admin, or the user it is about),
 * or some rights, all of which it takes. A route that is not here fails the test.
 */
const NEEDS: Readonly<Record<string, string>> = {
  'POST /login': 'anyone',
  'POST /login/refresh': 'anyone',
  'GET /openapi.json': 'anyone',
  'GET /users': 'Admin',
  'POST /users': 'Admin',
  'GET /users/{id}': 'self',
  'PUT /users/{id}': 'Admin',
  'PATCH /users/{id}': 'Admin',
  'PUT /users/{id}/password': 'self',
  'PATCH /users/activate': 'Admin',
  'PATCH /users/deactivate': 'Admin',
  'GET /jobconfigs': 'user',
  'POST /jobconfigs': 'edit execute',
  'GET /jobconfigs/{id}': 'view',
  'PUT /jobconfigs/{id}': 'edit execute',
  'PATCH /jobconfigs/{id}': 'edit execute',
  'DELETE /jobconfigs/{id}': 'delete',
  'DELETE /jobconfigs/delete': 'delete',
  'POST /jobconfigs/{id}/clone': 'edit',
  'POST /jobconfigs/{id}/sfdc/field-lists': 'edit execute',
  'PATCH /jobconfigs/activate': 'edit execute',
  'PATCH /jobconfigs/{id}/activate': 'edit execute',
  'PATCH /jobconfigs/deactivate': 'edit',
  'PATCH /jobconfigs/{id}/deactivate': 'edit',
  'POST /jobconfigs/{id}/jobs': 'execute',
  'POST /jobconfigs/{id}/listener': 'execute',
  'POST /jobs/{id}/replay': 'execute',
  'GET /jobconfigs/{id}/jobs': 'view',
  'GET /jobconfigs/{id}/refusals': 'view',
  'GET /jobs': 'user',
  'GET /jobs/pending': 'user',
  'GET /jobs/running': 'user',
  'GET /jobs/unfinished': 'user',
  'GET /jobstats': 'user',
  'GET /jobs/{id}': 'view',
  'GET /jobs/{id}/log': 'view',
  'GET /jobs/{id}/out': 'view',
  'GET /jobs/{id}/out/{messagename}': 'view',
  'GET /jobs/{id}/out/{messagename}/text': 'view',
  'DELETE /jobs/{id}': 'execute',
  'DELETE /jobs/stop': 'execute',
}

const RIGHTS_SETS = Array.from({ length: 2 ** RIGHTS.length }, (_, bits) =>
  RIGHTS.filter((_right, index) => (bits >> index) % 2 === 1),
)

/** Who has some right may view. */
function mayWith(rights: readonly string[], needs: string): boolean {
  if (needs === 'user') return true
  if (needs === 'Admin' || needs === 'self') return false
  return needs
    .split(' ')
    .every((each) => (each === 'view' ? rights.length > 0 : rights.includes(each)))
}

const [store] = storesUnderTest()

test('every route is open to those with the rights it needs, and to nobody else', async (t) => {
  const { jobs, clock, call, answered } = await openDataCloudApi(t, (await store?.url(t)) ?? '')
  assert.deepEqual([...new Set(answered)].toSorted(), Object.keys(NEEDS).toSorted())

  let serial = 0
  /** A fresh job config with a run of it, so that no call finds what another one left. */
  const fresh = async () => {
    serial += 1
    const [jobConfigId, runId] = [`config${serial}`, `run${serial}`]
    await jobs.writeConfig(jobConfig({ jobConfigId }))
    const queued = {
      message: null,
      submittedBy: 'obm',
      replayOf: null,
      queuedAt: clock.now(),
      place: NO_PLACE,
    }
    await jobs.createRuns([{ ...queued, runId, jobConfigId }])
    return { jobConfigId, runId }
  }
  const ask = async (route: string, rights: readonly (typeof RIGHTS)[number][] | 'Admin') => {
    const { jobConfigId, runId } = await fresh()
    const username = `user${serial}`
    await jobs.writeUser(
      dataCloudUser(username, {
        role: rights === 'Admin' ? 'Admin' : 'General User',
        permissions: rights === 'Admin' ? [] : [permission(rights)],
      }),
    )
    const isUser = route.includes(' /users')
    const isJob = route.includes(' /jobs')
    const id = isUser ? 'id-of-vic' : isJob ? runId : jobConfigId
    const path = route.replace('{id}', id).replace('{messagename}', 'out')
    const runsBefore = await jobs.countRuns({})
    const before = await jobs.readConfig(jobConfigId)
    const { status, json } = await call(path, { as: username, ...bodyOf(route, id) })
    const isChanged =
      (await jobs.countRuns({})) !== runsBefore ||
      (await jobs.readRun(runId))?.status !== 'QUEUED' ||
      JSON.stringify(await jobs.readConfig(jobConfigId)) !== JSON.stringify(before)
    return { status, code: String(json.code), isChanged }
  }

  for (const [route, needs] of Object.entries(NEEDS)) {
    const without = await call(route.replaceAll(/\{\w+\}/g, 'accounts'), { as: null })
    assert.equal(without.status === 401, needs !== 'anyone', `${route} without a token`)
    if (needs === 'anyone') continue
    for (const rights of RIGHTS_SETS) {
      const { status, code, isChanged } = await ask(route, rights)
      const may = mayWith(rights, needs)
      const name = `${route} with ${rights.join(' ') || 'no right'}: ${status} ${code}`
      assert.equal(status === 403, !may, name)
      if (!may) assert.equal(isChanged, false, `${name} changed something`)
    }
    const asAdmin = await ask(route, 'Admin')
    assert.notEqual(asAdmin.status, 403, `${route} as Admin: ${asAdmin.code}`)
  }
})

test('a right to one job config opens no other', async (t) => {
  const { jobs, clock, codeOf } = await openDataCloudApi(t, (await store?.url(t)) ?? '')
  await jobs.writeConfig(jobConfig({ jobConfigId: 'other' }))
  const queued = {
    message: null,
    submittedBy: 'obm',
    replayOf: null,
    queuedAt: clock.now(),
    place: NO_PLACE,
  }
  await jobs.createRuns([
    { ...queued, runId: 'mine', jobConfigId: 'other' },
    { ...queued, runId: 'theirs', jobConfigId: 'accounts' },
  ])
  await jobs.writeUser(dataCloudUser('pia', { permissions: [permission(RIGHTS, ['other'])] }))
  for (const [route, needs] of Object.entries(NEEDS)) {
    if (['anyone', 'user', 'Admin', 'self'].includes(needs)) continue
    const id = route.includes(' /jobs') ? 'theirs' : 'accounts'
    const path = route.replace('{id}', id).replace('{messagename}', 'out')
    const asked = { as: 'pia', ...bodyOf(route, id) }
    assert.equal((await codeOf(path, asked))[0], 403, route)
  }
  for (const target of ['DELETE /jobs/stop', 'DELETE /jobconfigs/delete']) {
    const recordIds = target.includes('jobconfigs') ? ['other', 'accounts'] : ['mine', 'theirs']
    assert.equal((await codeOf(target, { as: 'pia', body: { recordIds } }))[0], 403, target)
  }
  assert.equal((await jobs.readRun('mine'))?.status, 'QUEUED')
})

test('everybody may read oneself', async (t) => {
  const { call } = await openDataCloudApi(t, (await store?.url(t)) ?? '')
  assert.equal((await call('GET /users/id-of-vic', { as: 'vic' })).json.username, 'vic')
})

/** A body that the route takes. */
function bodyOf(route: string, id: string): Call {
  if (route.endsWith('/listener')) return { body: 'x', headers: { 'content-type': 'text/plain' } }
  if (route.endsWith('/field-lists')) {
    const facts = { messageName: 'm', objectName: 'Account', fields: [] }
    const body = writeWsdl({ ...facts, endpointUrl: 'https://a.example', generatedAt: 0 })
    return { body, headers: { 'content-type': 'text/xml' } }
  }
  if (/ \/(users|jobconfigs|jobs)\/(activate|deactivate|delete|stop)$/.test(route)) {
    return { body: { recordIds: [id] } }
  }
  if (/^(POST|PUT) \/jobconfigs(\/\{id\})?$/.test(route)) {
    return { body: { name: 'n', job: { kind: 'command', command: ['true'] } } }
  }
  if (/^(PUT|PATCH) /.test(route) && !/activate/.test(route)) return { body: {} }
  return {}
}
