import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestWeb } from '../../../test/support/open-test-web.ts'
import { jobConfig, NO_PLACE } from '../../../test/support/receiving.ts'
import { ConfigError } from '../../config/config.ts'
import { newRunId } from '../../jobs/run-id.ts'
import { runsList, runsReplay, runsStop } from './runs.ts'

const RECORD = '001000000000001AAA'
const MINUTE_MS = 60_000

/** A running program with runs that were given up two hours, one hour and half an hour ago, and one that waits. */
async function openRunning(t: TestContext) {
  const web = await openTestWeb(t)
  const { jobs } = web.stores
  const now = Date.now()
  await jobs.writeConfig(jobConfig())
  const queue = async (minutesAgo: number, recordKey: string | null = null) => {
    const queuedAt = now - minutesAgo * MINUTE_MS
    const runId = newRunId(queuedAt)
    const message = { name: 'm', body: `<a>${minutesAgo}</a>`, properties: {} }
    const run = { runId, jobConfigId: 'accounts', message, submittedBy: 'obm', replayOf: null }
    await jobs.createRuns([{ ...run, queuedAt, place: { ...NO_PLACE, recordKey } }])
    return runId
  }
  const giveUp = async () => {
    const leased = await jobs.leaseRuns({ limit: 9, limitPerConfig: 9, now, leaseMs: MINUTE_MS })
    const dead = { kind: 'failed', returnCode: 3, reason: 'it ended with 3', log: '' } as const
    for (const { lease } of leased) await jobs.settleRun(lease, dead, now)
  }
  const dead = [await queue(120), await queue(60, `00D/${RECORD}`), await queue(30)]
  await giveUp()
  const waiting = await queue(1)
  const found = { url: web.url, token: web.token, project: '.', dataDir: '.obm', json: false }
  const printed: string[] = []
  t.mock.method(console, 'log', (line: string) => void printed.push(line))
  t.mock.method(console, 'error', () => {})
  const run = async (command: Promise<number>) => {
    printed.length = 0
    const code = await command
    return { code, lines: [...printed] }
  }
  const replaysOf = async (runId: string) =>
    (await jobs.listRuns({ limit: 99, offset: 0 })).filter(({ replayOf }) => replayOf === runId)
  const list = { ...found, limit: '50' }
  const act = { ...found, all: false, yes: true }
  return { jobs, run, list, act, dead, waiting, replaysOf, giveUp }
}

test('runs are listed newest first, narrowed down by status, record and time', async (t) => {
  const { run, list, dead, waiting } = await openRunning(t)
  const idsOf = async (options: object) => {
    const { lines } = await run(runsList({ ...list, ...options }))
    return lines.slice(1).map((line) => line.split(' ')[0])
  }

  const { lines } = await run(runsList(list))
  assert.match(lines[0] ?? '', /^Run +Job config +Record +Status +Attempts +Queued +Finished/)
  assert.match(
    lines[3] ?? '',
    new RegExp(`^${dead[1]} +accounts +${RECORD} +FAILED +1 .* it ended`),
  )
  assert.deepEqual(await idsOf({}), [waiting, ...dead.toReversed()])
  assert.deepEqual(await idsOf({ dead: true, since: '90m' }), [dead[2], dead[1]])
  assert.deepEqual(await idsOf({ dead: true, since: '150m', until: '45m' }), [dead[1], dead[0]])
  assert.deepEqual(await idsOf({ status: 'queued' }), [waiting])
  assert.deepEqual(await idsOf({ record: RECORD.slice(0, 15) }), [dead[1]])
  assert.deepEqual(await idsOf({ config: 'other' }), [])
  assert.equal(
    (await run(runsList({ ...list, limit: '2' }))).lines.at(-1),
    'The newest 2 of 4: --limit shows more.',
  )
  await assert.rejects(
    run(runsList({ ...list, status: 'lost' })),
    /status should be some of WAITING/,
  )
  await assert.rejects(run(runsList({ ...list, since: 'noon' })), /since \(or 90m, 2h, 7d/)
})

test('the dead runs of a time window are replayed once, however often that is asked for', async (t) => {
  const { run, act, dead, replaysOf, giveUp } = await openRunning(t)
  const window = { ...act, since: '90m', until: '45m' }

  assert.deepEqual(await run(runsReplay([], window)), { code: 0, lines: ['1 run again'] })
  const [replay] = await replaysOf(dead[1] ?? '')
  assert.equal(replay?.status, 'QUEUED')
  assert.deepEqual(await replaysOf(dead[0] ?? ''), [])

  // Asked again, for more: what has its replay is passed over, also when that is dead by now.
  await giveUp()
  const again = await run(runsReplay([], { ...act, dead: true, until: '10m' }))
  assert.deepEqual(again.lines, ['2 run again; 1 passed over, replayed before'])
  assert.equal((await replaysOf(dead[1] ?? '')).length, 1)
})

test('a run that is named is replayed again and again', async (t) => {
  const { run, act, dead, replaysOf } = await openRunning(t)
  const [first = ''] = dead
  const { lines } = await run(runsReplay([first, first], act))
  assert.equal((await replaysOf(first)).length, 2)
  assert.match(lines[0] ?? '', new RegExp(`^${first} runs again as [0-9a-f]{36}: QUEUED$`))
})

test('runs are stopped by id, or all that wait of a job config', async (t) => {
  const { run, act, dead, waiting, jobs } = await openRunning(t)

  const named = await run(runsStop([dead[0] ?? '', 'nobody'], act))
  assert.deepEqual(named, { code: 1, lines: ['1 now FAILED; 1 not found'] })
  const ofConfig = await run(runsStop([], { ...act, config: 'accounts' }))
  assert.deepEqual(ofConfig, { code: 0, lines: ['1 now CANCELLED'] })
  assert.equal((await jobs.readRun(waiting))?.stoppedBy, 'admin@example.com')
})

test('nothing is done to every run by mistake', async (t) => {
  const { run, act, dead } = await openRunning(t)
  for (const command of [runsReplay, runsStop]) {
    await assert.rejects(run(command([], act)), ConfigError)
    await assert.rejects(run(command([], { ...act, all: true, dead: true })), ConfigError)
    await assert.rejects(run(command([dead[0] ?? ''], { ...act, dead: true })), ConfigError)
    await assert.rejects(run(command([], { ...act, dead: true, yes: false })), /Give --yes/)
  }
  await assert.rejects(run(runsReplay(['nobody'], act)), /there is no run "nobody"/)
})
