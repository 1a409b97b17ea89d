import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { afterTest } from '../../test/support/after-test.ts'
import { COMMAND_JOB } from '../../test/support/commands.ts'
import { eventually } from '../../test/support/eventually.ts'
import {
  jobConfig,
  NO_PLACE,
  NOON,
  openReceivingStoreAt,
  openTestClock,
  openTestLog,
} from '../../test/support/receiving.ts'
import { openTestRunJob } from '../../test/support/run-jobs.ts'
import { storesUnderTest } from '../../test/support/stores.ts'
import type { JobRun } from './job-run.ts'
import type { RunJob } from './kinds/run-job.ts'
import { newRunId } from './run-id.ts'
import { openRunner } from './runner.ts'
import { replayRun } from './submitting/replay-runs.ts'

const node = (script: string) => [process.execPath, '-e', script]

for (const store of storesUnderTest()) {
  const open = async (
    t: TestContext,
    { command, runJob }: { command?: readonly string[]; runJob?: RunJob },
  ) => {
    const stores = await openReceivingStoreAt(t, await store.url(t))
    const { jobs } = stores
    const [clock, log] = [openTestClock(), openTestLog()]
    const config = jobConfig()
    await jobs.writeConfig({ ...config, job: { ...COMMAND_JOB, command: command ?? ['true'] } })
    const runs = runJob ?? openTestRunJob()
    const runner = openRunner({ store: jobs, runJob: runs, clock, log })
    afterTest(t, () => runner.stop(0))
    const submit = async (): Promise<string> => {
      const runId = newRunId(clock.now())
      const message = { name: 'msg1', body: '<n/>', properties: {} }
      await jobs.createRuns([
        {
          runId,
          jobConfigId: 'accounts',
          message,
          submittedBy: 'a',
          replayOf: null,
          queuedAt: NOON,
          place: NO_PLACE,
        },
      ])
      return runId
    }
    const read = async (runId: string): Promise<JobRun> => {
      const run = await jobs.readRun(runId)
      assert.ok(run)
      return run
    }
    return { jobs, runner, clock, log, submit, read }
  }
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  /** Where the store makes no difference. */
  const once = (name: string, body: (t: TestContext) => Promise<void>) => {
    if (store.name === 'SQLite') test(name, body)
  }

  on('a due run is run with its message, once, and keeps what it wrote', async (t) => {
    const command = node(`process.stdin.pipe(process.stdout)`)
    const { runner, submit, read } = await open(t, { command })
    const runId = await submit()

    assert.equal(await runner.turn(), 'worked')
    assert.equal(await runner.turn(), 'idle')

    const run = await read(runId)
    assert.deepEqual([run.status, run.log, run.returnCode], ['FINISHED', '<n/>', 0])
  })

  once(
    'a run that keeps failing is tried as often as its config says, and then FAILED',
    async (t) => {
      const { runner, clock, submit, read } = await open(t, { command: node('process.exit(4)') })
      const runId = await submit()

      await runner.turn()
      assert.equal((await read(runId)).status, 'QUEUED')
      assert.equal(await runner.turn(), 'idle')
      clock.advance(30_000)
      await runner.turn()
      clock.advance(60_000)
      await runner.turn()

      const run = await read(runId)
      assert.deepEqual([run.status, run.attemptCount, run.returnCode], ['FAILED', 3, 4])
    },
  )

  on('a person’s stop ends a running program', async (t) => {
    const command = node(`console.log('begun'); setInterval(() => {}, 1000)`)
    const { jobs, runner, clock, submit, read } = await open(t, { command })
    const runId = await submit()
    const turn = runner.turn()
    await eventually('the program runs', async () => (await read(runId)).status === 'RUNNING')

    assert.equal(await jobs.stopRun(runId, 'bob', clock.now()), 'FAILED')
    runner.nudge()
    await turn

    const run = await read(runId)
    assert.deepEqual([run.status, run.stoppedBy], ['FAILED', 'bob'])
  })

  once('a runner that must stop gives its runs back, with the attempt uncounted', async (t) => {
    const command = node('setInterval(() => {}, 1000)')
    const { runner, submit, read } = await open(t, { command })
    const runId = await submit()
    const turn = runner.turn()
    await eventually('the program runs', async () => (await read(runId)).status === 'RUNNING')

    await runner.stop(0)
    await turn

    const run = await read(runId)
    assert.deepEqual([run.status, run.attemptCount], ['QUEUED', 0])
  })

  on('a started runner takes what is due by itself, and drains before it stops', async (t) => {
    const { runner, submit, read } = await open(t, { command: node('') })
    const runIds = [await submit(), await submit(), await submit()]
    runner.start(2)
    for (const runId of runIds) {
      await eventually('it is done', async () => (await read(runId)).status === 'FINISHED')
    }
    await runner.stop()
    const late = await submit()
    runner.nudge()
    assert.equal((await read(late)).status, 'QUEUED')
  })

  once('a run whose every attempt took its runner with it is given up', async (t) => {
    let attempts = 0
    const runJob: RunJob = async () => {
      attempts += 1
      return { kind: 'succeeded', returnCode: 0, log: '' }
    }
    const { jobs, runner, clock, submit, read } = await open(t, { runJob })
    const runId = await submit()
    const lapsed = { limit: 1, limitPerConfig: 1, now: clock.now(), leaseMs: 0 }
    for (let attempt = 1; attempt <= 3; attempt += 1) await jobs.leaseRuns(lapsed)

    await runner.turn()

    assert.equal(attempts, 0)
    assert.deepEqual(
      [(await read(runId)).status, (await read(runId)).failureReason],
      ['ERROR', 'its runner ended during the last attempt'],
    )
  })

  once('a program that the operator did not list is not run', async (t) => {
    const policy = {
      kind: 'listed',
      programs: ['/bin/true'],
      workingFolders: [],
      urls: [],
    } as const
    const runJob = openTestRunJob(policy)
    const { runner, submit, read } = await open(t, { runJob, command: ['/bin/sh', '-c', 'id'] })
    const runId = await submit()

    await runner.turn()

    const run = await read(runId)
    assert.match(run.failureReason ?? '', /\/bin\/sh.*obm\.config\.json/)
    assert.equal(run.log, '')
  })

  once('a replay is a new run of the same message that names the first', async (t) => {
    const { jobs, clock, submit, read } = await open(t, {})
    const runId = await submit()

    const replay = await replayRun({ store: jobs, clock }, { runId, submittedBy: 'bob' })

    assert.ok(replay)
    assert.notEqual(replay.runId, runId)
    assert.deepEqual([replay.replayOf, replay.submittedBy], [runId, 'bob'])
    assert.deepEqual(replay.message, (await read(runId)).message)
  })
}
