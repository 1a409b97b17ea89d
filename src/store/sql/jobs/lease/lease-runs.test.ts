import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { lapseLeases } from '../../../../../test/support/lapse-leases.ts'
import {
  jobConfig,
  NO_PLACE,
  NOON,
  openReceivingStoreAt,
} from '../../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../../test/support/stores.ts'
import { MINUTE_MS } from '../../../../base/clock.ts'
import type { NewJobRun } from '../../../../jobs/job-run.ts'
import type { LeasedRun } from '../../../../jobs/job-store.ts'
import { newRunId } from '../../../../jobs/run-id.ts'
import { DEFAULT_LIMITS, type RunLimits } from '../../../../jobs/run-limits.ts'

const LEASE = { limit: 8, limitPerConfig: 100, now: NOON, leaseMs: MINUTE_MS }
const FINISHED = { kind: 'finished', returnCode: 0, log: '' } as const

function newRuns(jobConfigId: string, count: number): readonly NewJobRun[] {
  return Array.from({ length: count }, () => ({
    runId: newRunId(NOON),
    jobConfigId,
    message: null,
    submittedBy: 'alice',
    replayOf: null,
    queuedAt: NOON,
    place: NO_PLACE,
  }))
}

for (const store of storesUnderTest()) {
  const open = async (t: TestContext) => {
    const url = await store.url(t)
    const { jobs } = await openReceivingStoreAt(t, url)
    const other = (await openReceivingStoreAt(t, url)).jobs
    const config = (jobConfigId: string, limits: Partial<RunLimits> = {}) =>
      jobs.writeConfig(jobConfig({ jobConfigId, limits: { ...DEFAULT_LIMITS, ...limits } }))
    const idsOf = (leased: readonly LeasedRun[]) => leased.map(({ run }) => run.jobConfigId)
    return { jobs, other, config, idsOf, url }
  }
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }

  on('no more runs of a job config are in hand than it allows, in all processes', async (t) => {
    const { jobs, other, config } = await open(t)
    await config('few', { concurrencyMax: 3 })
    await jobs.createRuns(newRuns('few', 20))

    const leases = await Promise.all(
      Array.from({ length: 8 }, (_, index) => (index % 2 ? jobs : other).leaseRuns(LEASE)),
    )
    const leased = leases.flat()
    assert.equal(leased.length, 3)
    assert.deepEqual(await other.leaseRuns(LEASE), [])

    await jobs.settleRun(leased[0]?.lease as never, FINISHED, NOON)
    assert.equal((await other.leaseRuns(LEASE)).length, 1)
  })

  on('a run that a person stopped counts until it has ended', async (t) => {
    const { jobs, config, url } = await open(t)
    await config('one', { concurrencyMax: 1 })
    await jobs.createRuns(newRuns('one', 2))
    const [running] = await jobs.leaseRuns(LEASE)
    await jobs.stopRun(running?.run.runId ?? '', 'bob', NOON)

    assert.deepEqual(await jobs.leaseRuns(LEASE), [])
    await lapseLeases(url)
    assert.equal((await jobs.leaseRuns(LEASE)).length, 1)
  })

  on('attempts of a job config begin no faster than its rate, in all processes', async (t) => {
    const { jobs, other, config } = await open(t)
    await config('slow', { ratePerSecond: 0.01 }) // the next after a hundred seconds
    await config('fast', { ratePerSecond: 1_000 })
    await jobs.createRuns([...newRuns('slow', 5), ...newRuns('fast', 5)])

    const first = await jobs.leaseRuns(LEASE)
    const second = await other.leaseRuns(LEASE)

    const idsOf = [...first, ...second].map(({ run }) => run.jobConfigId).toSorted()
    assert.deepEqual(idsOf, ['fast', 'fast', 'fast', 'fast', 'fast', 'slow'])
  })

  on('a limit that is taken away, or an ordering, holds from the next lease on', async (t) => {
    const { jobs, config } = await open(t)
    await config('few', { concurrencyMax: 1 })
    await jobs.createRuns(newRuns('few', 5))
    assert.equal((await jobs.leaseRuns(LEASE)).length, 1)
    await config('few')
    assert.equal((await jobs.leaseRuns(LEASE)).length, 4)
  })

  on('job configs take turns, however many there are and however long one’s backlog', async (t) => {
    const { jobs, config } = await open(t)
    const ids = Array.from({ length: 30 }, (_, index) => `c${String(index).padStart(2, '0')}`)
    for (const id of ids) await config(id)
    const runs = ids.flatMap((id) => newRuns(id, 2))
    await jobs.createRuns([...newRuns('c00', 500), ...runs])

    const served: string[] = []
    for (let turn = 0; turn < 4; turn += 1) {
      const leased = await jobs.leaseRuns(LEASE)
      served.push(...leased.map(({ run }) => run.jobConfigId))
      for (const { lease } of leased) await jobs.settleRun(lease, FINISHED, NOON)
    }

    assert.equal(served.length, 32)
    assert.deepEqual([...new Set(served)].toSorted(), ids) // each had its turn within four
  })

  on('a runner’s own share of one job config leaves slots to others', async (t) => {
    const { jobs, other, config } = await open(t)
    await config('busy')
    await jobs.createRuns(newRuns('busy', 40))

    const mine = await jobs.leaseRuns({ ...LEASE, limitPerConfig: 6 })
    assert.equal(mine.length, 6)
    assert.deepEqual(await jobs.leaseRuns({ ...LEASE, limitPerConfig: 6, held: { busy: 6 } }), [])
    // Another process has slots of its own.
    assert.equal((await other.leaseRuns({ ...LEASE, limitPerConfig: 6 })).length, 6)
  })

  on('what was in hand when its job config was deleted ends when its lease lapses', async (t) => {
    const { jobs, config, url } = await open(t)
    await config('gone')
    await jobs.createRuns(newRuns('gone', 1))
    const [leased] = await jobs.leaseRuns(LEASE)
    await jobs.deleteConfig('gone', NOON)
    await lapseLeases(url)

    assert.deepEqual(await jobs.leaseRuns(LEASE), [])
    const run = await jobs.readRun(leased?.run.runId ?? '')
    assert.deepEqual([run?.status, run?.failureReason], ['ERROR', 'its job config was deleted'])
    assert.equal(run?.finishedAt, NOON)
  })
}
