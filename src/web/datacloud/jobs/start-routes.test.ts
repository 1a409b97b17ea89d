import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { COMMAND_JOB } from '../../../../test/support/commands.ts'
import { openDataCloudApi } from '../../../../test/support/datacloud-api.ts'
import { jobConfig, NO_PLACE } from '../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'
import { MESSAGE_LENGTH_MAX } from '../../../jobs/job-run.ts'

const node = (script: string) => [process.execPath, '-e', script]
const LISTENER = 'POST /jobconfigs/accounts/listener'
const TEXT = { 'content-type': 'text/plain' }

for (const store of storesUnderTest()) {
  /** What `pause` does while a synchronous call waits is up to the test. */
  const open = async (t: TestContext, command: readonly string[], attemptsMax = 1) => {
    let whileWaiting = async (): Promise<unknown> => undefined
    const api = await openDataCloudApi(t, await store.url(t), {
      pause: async (ms) => {
        api.clock.advance(ms)
        await whileWaiting()
      },
    })
    await api.jobs.writeConfig(jobConfig({ attemptsMax, job: { ...COMMAND_JOB, command } }))
    const meanwhile = (work: () => Promise<unknown>) => {
      whileWaiting = work
    }
    return { ...api, meanwhile }
  }
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  /** Where the store makes no difference. */
  const once = (name: string, body: (t: TestContext) => Promise<void>) => {
    if (store.name === 'SQLite') test(name, body)
  }

  once('the listener takes a text of any type as it is, and answers at once', async (t) => {
    const { jobs, call, codeOf } = await open(t, ['cat'])
    const bodies = {
      'application/json': '{"not":"parsed"',
      'text/xml': '<a>',
      'application/xml; charset=utf-8': '<b/>',
      'text/plain': 'é, "x"\r\n',
    }
    for (const [type, body] of Object.entries(bodies)) {
      const ask = { body, headers: { 'content-type': type } }
      const { status, json } = await call(`${LISTENER}?messagename=in`, ask)
      assert.deepEqual([status, json.status], [202, 'QUEUED'])
      const run = await jobs.readRun(String(json.id))
      assert.deepEqual(run?.message, { name: 'in', body, properties: {} })
    }
    const headers = { 'content-type': 'application/octet-stream' }
    assert.deepEqual(await codeOf(LISTENER, { body: 'x', headers }), [
      415,
      'CONTENT_TYPE_NOT_SUPPORTED',
    ])
    const large = { body: 'x'.repeat(MESSAGE_LENGTH_MAX + 1), headers: TEXT }
    assert.deepEqual(await codeOf(LISTENER, large), [413, 'BODY_TOO_LARGE'])
    const name = { body: 'x', headers: TEXT }
    for (const query of ['messagename=', 'async=maybe', 'outmessagename=']) {
      assert.deepEqual(await codeOf(`${LISTENER}?${query}`, name), [400, 'INVALID_FIELD'])
    }
  })

  on('a synchronous call waits for the job and is answered with its out message', async (t) => {
    const script = `process.stdin.on('data', (text) => console.log('got ' + text))`
    const { runner, call, meanwhile } = await open(t, node(`console.error('noise'); ${script}`))
    meanwhile(() => runner.turn())
    const ask = { body: 'it', headers: TEXT }
    const { status, text, headers } = await call(`${LISTENER}?async=false&outmessagename=o`, ask)
    assert.deepEqual([status, text], [200, 'got it\n'])
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
  })

  once('after 30 seconds it is answered 408, and the job goes on', async (t) => {
    const { runner, clock, call } = await open(t, ['echo', 'late'])
    const before = clock.real()
    const ask = { as: 'olga', body: 'x', headers: TEXT }
    const { status, json } = await call(`${LISTENER}?async=false&outmessagename=o`, ask)
    assert.deepEqual([status, json.code], [408, 'JOB_NOT_OVER'])
    assert.equal(clock.real() - before, 30_000)
    await runner.turn()
    assert.equal((await call(`GET /jobs/${json.id}/out/o/text`)).text, 'late\n')
  })

  once('a job that fails, is stopped or says too much has no out message', async (t) => {
    const { runner, jobs, clock, call, meanwhile } = await open(t, ['false'])
    const sync = `${LISTENER}?async=false`
    const ask = { body: 'x', headers: TEXT }
    meanwhile(() => runner.turn())
    const failed = await call(sync, ask)
    assert.deepEqual(
      [failed.status, failed.json.code, failed.json.status],
      [422, 'JOB_FAILED', 'FAILED'],
    )
    assert.match(String(failed.json.message), /ended with return code 1/)

    meanwhile(async () => {
      const [run] = await jobs.listRuns({ limit: 1, offset: 0 })
      await jobs.stopRun(String(run?.runId), 'olga', clock.now())
    })
    const stopped = await call(sync, ask)
    assert.deepEqual([stopped.status, stopped.json.status], [422, 'CANCELLED'])

    meanwhile(() => runner.turn())
    const command = node(`process.stdout.write('x'.repeat(${MESSAGE_LENGTH_MAX} + 1))`)
    await jobs.writeConfig(jobConfig({ job: { ...COMMAND_JOB, command } }))
    const long = await call(sync, ask)
    assert.deepEqual([long.status, long.json.code], [422, 'OUT_MESSAGE_TOO_LONG'])
    assert.deepEqual((await call(`GET /jobs/${long.json.id}`)).json.outMessages, [])
  })

  once('a replay runs the same message under a new id, which names the first', async (t) => {
    const { runner, jobs, call } = await open(t, ['cat'])
    const ask = { body: 'again', headers: TEXT }
    const first = (await call(`${LISTENER}?outmessagename=o`, ask)).json
    await runner.turn()
    const { status, json } = await call(`POST /jobs/${first.id}/replay`, { as: 'olga' })
    assert.deepEqual([status, json.status], [202, 'QUEUED'])
    await runner.turn()
    const replay = (await call(`GET /jobs/${json.id}`)).json
    assert.deepEqual([replay.replayOf, replay.status], [first.id, 'FINISHED'])
    assert.equal((await call(`GET /jobs/${json.id}/out/o/text`)).text, 'again')
    await jobs.deleteConfig('accounts', 0)
    const gone = await call(`POST /jobs/${first.id}/replay`)
    assert.deepEqual([gone.status, gone.json.code], [404, 'JOB_CONFIG_NOT_FOUND'])
  })

  once('what a job answers is kept where its job config or its caller names it', async (t) => {
    const { runner, jobs, clock, call } = await open(t, ['echo', 'said'])
    const runOf = async (outMessageName: string | null) => {
      const runId = `run${outMessageName}`
      const ask = {
        jobConfigId: 'accounts',
        message: null,
        submittedBy: 'obm',
        replayOf: null,
        place: NO_PLACE,
      }
      await jobs.createRuns([{ ...ask, runId, queuedAt: clock.now(), outMessageName }])
      await runner.turn()
      return (await jobs.readRun(runId))?.outMessage ?? null
    }
    assert.equal(await runOf(null), null)
    assert.equal((await runOf('mine'))?.name, 'mine')
    const body = { runtimeConfig: { outMessageNames: ['ours'] } }
    await call('PATCH /jobconfigs/accounts', { body })
    assert.equal((await runOf('theirs'))?.name, 'theirs')
    const { json } = await call('POST /jobconfigs/accounts/jobs')
    await runner.turn()
    assert.equal((await call(`GET /jobs/${json.id}/out/ours/text`)).text, 'said\n')
  })
}
