import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { COMMAND_JOB } from '../../../../test/support/commands.ts'
import {
  dataCloudUser,
  idsOf,
  type Json,
  openDataCloudApi,
  permission,
} from '../../../../test/support/datacloud-api.ts'
import { jobConfig, NOON } from '../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'

for (const store of storesUnderTest()) {
  const open = async (t: TestContext) => openDataCloudApi(t, await store.url(t))
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  /** Where the store makes no difference. */
  const once = (name: string, body: (t: TestContext) => Promise<void>) => {
    if (store.name === 'SQLite') test(name, body)
  }

  on('a job is run with a message, watched, and its log and answer read', async (t) => {
    const { jobs, runner, call, codeOf } = await open(t)
    await jobs.writeConfig({ ...jobConfig(), job: { ...COMMAND_JOB, command: ['cat'] } })
    const message = { body: 'hello', properties: [{ key: 'Colour', value: 'red' }] }
    const body = { runtimeConfig: { inMessages: [message] } }

    const submitted = await call('POST /jobconfigs/accounts/jobs', { as: 'olga', body })
    assert.equal(submitted.status, 202)
    const { id } = submitted.json
    assert.deepEqual(submitted.json, {
      id,
      status: 'QUEUED',
      href: `/v2/api/jobs/${id}`,
      scheduled: new Date(NOON).toISOString(),
      jobConfig: { id: 'accounts', href: '/v2/api/jobconfigs/accounts' },
      submittedByUser: { id: 'olga' },
    })
    assert.equal((await call('GET /jobs/pending')).text, `["${id}"]`)
    assert.deepEqual((await call(`GET /jobs/${id}/out`)).json.items, [])
    await runner.turn()

    const { json } = await call(`GET /jobs/${id}`, { as: 'olga' })
    assert.deepEqual([json.status, json.returnCode, json.duration], ['FINISHED', 0, 0])
    const config = { id: 'accounts', href: '/v2/api/jobconfigs/accounts', name: 'Copy accounts' }
    assert.deepEqual(json.jobConfig, config)
    assert.deepEqual(json.runtimeConfig, { inMessages: [{ name: 'msg1', ...message }] })
    const { href } = json.jobLog as Json
    assert.equal((await call(`GET ${String(href).slice('/v2/api'.length)}`)).text, 'hello')
    assert.equal((await call('GET /jobs/unfinished')).text, '[]')

    const [out] = (await call(`GET /jobs/${id}/out`)).json.items as Json[]
    assert.deepEqual([out?.name, out?.body], ['out', 'hello'])
    assert.deepEqual((await call(`GET /jobs/${id}/out/out`)).json, out)
    const text = await call(`GET /jobs/${id}/out/out/text`)
    assert.deepEqual(
      [text.text, text.headers['content-type'], text.headers['x-content-type-options']],
      ['hello', 'text/plain; charset=utf-8', 'nosniff'],
    )
    assert.deepEqual(await codeOf(`GET /jobs/${id}/out/other/text`), [404, 'OUT_MESSAGE_NOT_FOUND'])

    const empty = { body: '', headers: { 'content-type': 'application/json' } }
    assert.equal((await call('POST /jobconfigs/accounts/jobs', empty)).status, 202)
    const finished = await call('GET /jobs?status=finished&jobConfigId=accounts')
    assert.deepEqual(idsOf(finished.json), [id])
    assert.deepEqual(await codeOf('GET /jobs/nobody'), [404, 'JOB_NOT_FOUND'])
    assert.deepEqual(await codeOf('GET /jobs/%00/log'), [404, 'JOB_NOT_FOUND'])
  })

  on('jobs are listed by state, time, user and job config, a page at a time', async (t) => {
    const { jobs, runner, clock, call } = await open(t)
    await jobs.writeConfig(jobConfig({ jobConfigId: 'other' }))
    const start = async (jobConfigId: string, as: string) => {
      const { json } = await call(`POST /jobconfigs/${jobConfigId}/jobs`, { as })
      clock.advance(60_000)
      return String(json.id)
    }
    const done = [await start('accounts', 'olga'), await start('other', 'admin')]
    await runner.turn()
    const waiting = [await start('accounts', 'admin'), await start('accounts', 'olga')]
    await call(`DELETE /jobs/${waiting[0]}`)
    const listed = async (query: string) => idsOf((await call(`GET /jobs${query}`)).json)

    assert.deepEqual(await listed(''), [...waiting.toReversed(), ...done.toReversed()])
    assert.deepEqual(await listed('?direction=asc&sortby=scheduled'), [...done, ...waiting])
    assert.deepEqual(await listed('?state=finished_ok'), done.toReversed())
    assert.deepEqual(await listed('?state=finished_all&jobconfigid=other'), [done[1]])
    assert.deepEqual(await listed('?status=QUEUED,CANCELLED'), waiting.toReversed())
    assert.deepEqual(await listed('?userid=olga'), [waiting[1], done[0]])
    assert.deepEqual(await listed(`?startdate=${NOON + 60_000}&enddate=${NOON + 120_000}`), [
      done[1],
    ])
    assert.deepEqual(await listed('?enddate=2025-12-05T12:01:00Z'), [done[0]])
    assert.deepEqual(await listed('?startdate=2025-12-06'), [])

    const second = (await call('GET /jobs?size=1&offset=1&state=finished_ok')).json
    assert.deepEqual([second.totalRecords, second.totalPages, second.pageNumber], [2, 2, 1])
    assert.deepEqual(second.links, {
      prev: '/v2/api/jobs?size=1&offset=0&state=finished_ok',
    })
    const ofConfig = await call('GET /jobconfigs/other/jobs')
    assert.deepEqual(idsOf(ofConfig.json), [done[1]])
    const ids = await call('GET /jobs/unfinished?size=1')
    assert.deepEqual([ids.text, ids.headers['x-total-count']], [`["${waiting[1]}"]`, '1'])
  })

  on('jobstats counts each of the nine states', async (t) => {
    const { jobs, runner, clock, call } = await open(t)
    await jobs.writeConfig(jobConfig({ jobConfigId: 'held', isActive: false }))
    const start = (jobConfigId: string) => call(`POST /jobconfigs/${jobConfigId}/jobs`)
    await start('accounts')
    await runner.turn()
    await start('held')
    const { json } = await start('accounts')
    await call(`DELETE /jobs/${json.id}`)
    await start('accounts')
    clock.advance(1000)

    const window = {
      windowBegins: new Date(NOON).toISOString(),
      windowEnds: new Date(NOON + 1000).toISOString(),
      windowDuration: 1000,
    }
    assert.deepEqual((await call('GET /jobstats')).json, {
      waiting: 1,
      sequenced: 0,
      queued: 1,
      initializing: 0,
      running: 0,
      finished: 1,
      error: 0,
      failed: 0,
      cancelled: 1,
      totalJobs: 4,
      totalDuration: 0,
      window,
    })
    const held = (await call('GET /jobstats?jobconfigid=held')).json
    assert.deepEqual([held.totalJobs, held.waiting], [1, 1])
    const none = (await call(`GET /jobstats?startdate=${NOON + 500}`)).json
    assert.deepEqual([none.totalJobs, (none.window as Json).windowDuration], [0, 500])
    const olga = (await call('GET /jobstats', { as: 'olga' })).json
    assert.equal(olga.totalJobs, 3)
    assert.equal((await call('GET /jobstats', { as: 'vic' })).json.totalJobs, 0)
  })

  once('jobs are stopped singly and in bulk', async (t) => {
    const { call } = await open(t)
    const ids: unknown[] = []
    for (let count = 0; count < 4; count += 1) {
      ids.push((await call('POST /jobconfigs/accounts/jobs')).json.id)
    }
    const single = await call(`DELETE /jobs/${ids[0]}`, { as: 'olga' })
    assert.deepEqual([single.status, single.json], [202, { id: ids[0], status: 'CANCELLED' }])
    const body = { recordIds: [ids[1], ids[2]] }
    const bulk = await call('DELETE /jobs/stop', { body })
    assert.equal(bulk.status, 202)
    assert.deepEqual(
      bulk.json,
      [1, 2].map((index) => ({ id: ids[index], status: 'CANCELLED' })),
    )
    assert.equal((await call(`DELETE /jobs/stop?ids=${ids[2]},${ids[3]}`)).status, 202)
    const { json } = await call(`GET /jobs/${ids[0]}`)
    assert.deepEqual(json.stoppedByUser, { id: 'olga' })
  })

  once('what a list cannot be asked is refused, and not passed over', async (t) => {
    const { codeOf } = await open(t)
    for (const query of [
      'status=LOST',
      'state=lost',
      'state=toString',
      'state=queued&status=QUEUED',
      'size=501',
      'offset=-1',
      'startdate=yesterday',
      'enddate=2025-13-01',
      'sortby=duration',
      'direction=up',
    ]) {
      assert.deepEqual(await codeOf(`GET /jobs?${query}`), [400, 'INVALID_FIELD'], query)
    }
    for (const query of ['filterby=status', 'operators=eq', 'limit=5']) {
      assert.deepEqual(await codeOf(`GET /jobs?${query}`), [400, 'UNKNOWN_PARAMETER'], query)
    }
  })

  once('lists hold the jobs of job configs that the user may view', async (t) => {
    const { jobs, call, codeOf } = await open(t)
    await jobs.writeConfig(jobConfig({ jobConfigId: 'other' }))
    const seen = (await call('POST /jobconfigs/other/jobs')).json.id
    await call('POST /jobconfigs/accounts/jobs')
    await jobs.writeUser(dataCloudUser('pia', { permissions: [permission(['view'], ['other'])] }))
    const as = 'pia'
    assert.deepEqual(idsOf((await call('GET /jobs', { as })).json), [seen])
    assert.equal((await call('GET /jobs/pending', { as })).text, `["${seen}"]`)
    const refused = [403, 'VIEW_NOT_ALLOWED']
    for (const path of ['/jobs', '/jobs/pending', '/jobstats']) {
      assert.deepEqual(await codeOf(`GET ${path}?jobconfigid=accounts`, { as }), refused)
    }
  })
}
