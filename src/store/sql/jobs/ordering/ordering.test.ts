import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  jobConfig,
  NO_PLACE,
  NOON,
  openReceivingStoreAt,
  ownRuns,
} from '../../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../../test/support/stores.ts'
import { MINUTE_MS } from '../../../../base/clock.ts'
import type { JobConfig } from '../../../../jobs/job-config.ts'
import type { NewJobRun } from '../../../../jobs/job-run.ts'
import type { LeasedRun, RunSettlement } from '../../../../jobs/job-store.ts'
import { lineIdOf, type RecordStamp, type RunPlace } from '../../../../jobs/ordering/run-place.ts'
import { newRunId } from '../../../../jobs/run-id.ts'

const ORGANIZATION = '00D5e000000Abc1EAC'
const LEASE = { limit: 100, limitPerConfig: 100, now: NOON, leaseMs: MINUTE_MS }
const FINISHED: RunSettlement = { kind: 'finished', returnCode: 0, log: '' }
const FAILED: RunSettlement = { kind: 'failed', returnCode: 1, reason: 'r', log: '' }
const RETRY: RunSettlement = {
  kind: 'retry',
  dueAt: NOON + 30_000,
  returnCode: 1,
  reason: 'r',
  log: '',
}

for (const store of storesUnderTest()) {
  const open = async (t: TestContext, change: Partial<JobConfig>) => {
    const config = jobConfig(change)
    const { inbox, jobs } = await openReceivingStoreAt(t, await store.url(t))
    await jobs.writeConfig(config)

    const placeOf = (record: string | null): RunPlace => {
      const recordKey = record === null ? null : `${ORGANIZATION}/${record}`
      return { ...NO_PLACE, recordKey, lineId: lineIdOf(config, recordKey) }
    }
    /** Creates a run for each record; answers their ids by the names given. */
    const queue = async (...records: readonly (string | null)[]) => {
      const runs = records.map(
        (record): NewJobRun => ({
          runId: newRunId(NOON),
          jobConfigId: config.jobConfigId,
          message: null,
          submittedBy: 'alice',
          replayOf: null,
          queuedAt: NOON,
          place: placeOf(record),
        }),
      )
      await jobs.createRuns(runs)
      return runs.map(({ runId }) => runId)
    }
    /** Accepts a notification of the record, stamped so long after noon. */
    let accepted = 0
    const accept = async (
      record: string,
      stampedMs: number | null,
      more: Partial<RunPlace> = {},
      field: RecordStamp['field'] = 'SystemModstamp',
    ) => {
      accepted += 1
      const runId = newRunId(NOON)
      const stamp = stampedMs === null ? null : { field, at: NOON + stampedMs }
      const message = { name: 'm', body: '<a/>', properties: { RecordId: record } }
      const place = { ...placeOf(record), stamp, ...more }
      const notifications = [{ notificationId: `n${accepted}`, runId, message, place }]
      const answer = await inbox.accept({
        jobConfigId: config.jobConfigId,
        organizationId: ORGANIZATION,
        receivedAt: NOON,
        ...ownRuns(notifications),
        skipsStale: config.staleChanges === 'skip',
      })
      return { runId, answer }
    }
    const statuses = async (runIds: readonly string[]) => {
      const runs = await Promise.all(runIds.map(jobs.readRun))
      return runs.map((run) => run?.status)
    }
    const lease = (now = NOON) => jobs.leaseRuns({ ...LEASE, now })
    const settle = ({ lease }: LeasedRun, settlement: RunSettlement, now = NOON) =>
      jobs.settleRun(lease, settlement, now)
    return { inbox, jobs, queue, accept, statuses, lease, settle }
  }
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }
  const idsOf = (leased: readonly LeasedRun[]) => leased.map(({ run }) => run.runId)
  const only = (leased: readonly LeasedRun[]): LeasedRun => {
    assert.equal(leased.length, 1)
    return leased[0] as LeasedRun
  }

  on('runs of one record go one after the other, and those of others beside them', async (t) => {
    const { queue, statuses, lease, settle } = await open(t, { ordering: 'record' })
    const [a1 = '', a2 = '', b1 = '', a3 = ''] = await queue('a', 'a', 'b', 'a')
    assert.deepEqual(await statuses([a1, a2, b1, a3]), [
      'QUEUED',
      'SEQUENCED',
      'QUEUED',
      'SEQUENCED',
    ])

    const first = await lease()
    assert.deepEqual(idsOf(first).toSorted(), [a1, b1].toSorted())
    const a = first.find(({ run }) => run.runId === a1) as LeasedRun
    await settle(a, FINISHED)
    assert.deepEqual(await statuses([a1, a2, a3]), ['FINISHED', 'QUEUED', 'SEQUENCED'])

    const second = only(await lease())
    assert.equal(second.run.runId, a2)
    await settle(second, FINISHED)
    assert.deepEqual(idsOf(await lease()), [a3])
  })

  on('a failing run holds up its own record alone, until it is given up', async (t) => {
    const { queue, statuses, lease, settle } = await open(t, { ordering: 'record' })
    const [a1 = '', a2 = ''] = await queue('a', 'a')
    await settle(only(await lease()), RETRY)

    const [b1 = ''] = await queue('b')
    assert.deepEqual(idsOf(await lease()), [b1])
    assert.deepEqual(await statuses([a1, a2]), ['QUEUED', 'SEQUENCED'])

    await settle(only(await lease(NOON + 30_000)), FAILED)
    assert.deepEqual(await statuses([a1, a2]), ['FAILED', 'QUEUED'])
    assert.deepEqual(idsOf(await lease()), [a2])
  })

  on('a blocking job config runs one at a time, in the order of arrival', async (t) => {
    const { queue, lease, settle } = await open(t, { ordering: 'config' })
    const runIds = await queue('a', 'b', null)

    for (const runId of runIds) {
      const leased = only(await lease())
      assert.equal(leased.run.runId, runId)
      await settle(leased, FINISHED)
    }
    assert.deepEqual(await lease(), [])
    const [late = ''] = await queue('c')
    assert.deepEqual(idsOf(await lease()), [late])
  })

  on('a run that lost its lease is run again before those behind it', async (t) => {
    const { queue, jobs } = await open(t, { ordering: 'record' })
    const [a1] = await queue('a', 'a')

    await jobs.leaseRuns({ ...LEASE, leaseMs: 0 })

    assert.deepEqual(idsOf(await jobs.leaseRuns(LEASE)), [a1])
  })

  on('a cancelled run lets the next one go, wherever it stood', async (t) => {
    const { queue, jobs, statuses } = await open(t, { ordering: 'record' })
    const [a1 = '', a2 = '', a3 = ''] = await queue('a', 'a', 'a')

    assert.equal(await jobs.stopRun(a2, 'bob', NOON), 'CANCELLED')
    assert.deepEqual(await statuses([a1, a2, a3]), ['QUEUED', 'CANCELLED', 'SEQUENCED'])
    assert.equal(await jobs.stopRun(a1, 'bob', NOON), 'CANCELLED')
    assert.deepEqual(await statuses([a1, a2, a3]), ['CANCELLED', 'CANCELLED', 'QUEUED'])
  })

  on('what a person stops keeps its place until its runner has ended it', async (t) => {
    const { queue, jobs, statuses, lease, settle } = await open(t, { ordering: 'record' })
    const [a1 = '', a2 = ''] = await queue('a', 'a')
    const running = only(await lease())

    assert.equal(await jobs.stopRun(a1, 'bob', NOON), 'FAILED')
    assert.deepEqual(await lease(), [])
    assert.equal(await settle(running, FINISHED), 'stopped')
    assert.deepEqual(await statuses([a1, a2]), ['FAILED', 'QUEUED'])
  })

  on('what a person stops lets the next go at the latest when its lease lapses', async (t) => {
    const { queue, jobs } = await open(t, { ordering: 'record' })
    const [a1 = '', a2 = ''] = await queue('a', 'a')
    await jobs.leaseRuns({ ...LEASE, leaseMs: 0 })
    await jobs.stopRun(a1, 'bob', NOON)

    assert.deepEqual(idsOf(await jobs.leaseRuns(LEASE)), [a2])
    assert.equal((await jobs.readRun(a1))?.status, 'FAILED')
  })

  on('with its job config all of a line are cancelled', async (t) => {
    const { queue, jobs, statuses, lease, settle } = await open(t, { ordering: 'record' })
    const [a1 = '', a2 = ''] = await queue('a', 'a')
    const running = only(await lease())
    await jobs.deleteConfig('accounts', NOON)

    await settle(running, FINISHED)

    assert.deepEqual(await statuses([a1, a2]), ['FINISHED', 'CANCELLED'])
  })

  on('the runs of one message stand in line in the order of the message', async (t) => {
    const { inbox, lease, settle } = await open(t, { ordering: 'record' })
    const place = { ...NO_PLACE, recordKey: 'r', lineId: 'r/accounts' }
    const notifications = ['n1', 'n2', 'n3'].map((notificationId) => ({
      notificationId,
      runId: newRunId(NOON),
      message: { name: 'm', body: notificationId, properties: {} },
      place,
    }))
    const envelope = { jobConfigId: 'accounts', organizationId: ORGANIZATION, receivedAt: NOON }
    await inbox.accept({ ...envelope, ...ownRuns(notifications), skipsStale: false })

    for (const { notificationId } of notifications) {
      const leased = only(await lease())
      assert.equal(leased.run.message?.body, notificationId)
      await settle(leased, FINISHED)
    }
  })

  on(
    'a change older than one accepted before is flagged, on the run and in its message',
    async (t) => {
      const { accept, jobs } = await open(t, {})
      const newer = await accept('a', 2_000)
      const older = await accept('a', 1_000)
      const same = await accept('a', 2_000)
      const other = await accept('b', 1_000)

      assert.deepEqual(older.answer, {
        kind: 'accepted',
        newRuns: 1,
        newNotifications: 1,
        differing: [],
        skipped: 0,
        stale: 1,
      })
      const run = await jobs.readRun(older.runId)
      assert.deepEqual([run?.status, run?.staleBehind], ['QUEUED', NOON + 2_000])
      assert.deepEqual(run?.message?.properties, {
        RecordId: 'a',
        Stale: 'true',
        StaleBehind: new Date(NOON + 2_000).toISOString(),
      })
      for (const { runId } of [newer, same, other]) {
        const current = await jobs.readRun(runId)
        assert.equal(current?.staleBehind, null)
        assert.equal(current?.message?.properties.Stale, undefined)
      }
    },
  )

  on('stamps of different fields are not compared', async (t) => {
    const { accept, jobs } = await open(t, {})
    await accept('a', 2_000)
    const modified = await accept('a', 1_000, {}, 'LastModifiedDate')
    assert.equal((await jobs.readRun(modified.runId))?.staleBehind, null)
    const older = await accept('a', 500, {}, 'LastModifiedDate')
    assert.equal((await jobs.readRun(older.runId))?.staleBehind, NOON + 1_000)
  })

  on('where the config says so a stale change is kept and not run', async (t) => {
    const { accept, jobs, lease } = await open(t, { staleChanges: 'skip', ordering: 'record' })
    const newer = await accept('a', 2_000)
    const older = await accept('a', 1_000)

    assert.deepEqual(older.answer, {
      kind: 'accepted',
      newRuns: 0,
      newNotifications: 1,
      differing: [],
      skipped: 1,
      stale: 1,
    })
    const run = await jobs.readRun(older.runId)
    assert.deepEqual([run?.status, run?.skipped], ['CANCELLED', 'stale'])
    assert.equal(run?.message?.body, '<a/>')
    assert.match(run?.failureReason ?? '', /newer change/)
    assert.deepEqual(idsOf(await lease()), [newer.runId])
  })

  for (const staleChanges of ['flag', 'skip'] as const) {
    on(`a run that waits while a newer change is run is stale, too: ${staleChanges}`, async (t) => {
      const { accept, jobs, lease, settle } = await open(t, { staleChanges })
      const older = await accept('a', 1_000)
      await settle(only(await lease()), RETRY)
      const newer = await accept('a', 2_000)
      const leased = only(await lease())
      assert.equal(leased.run.runId, newer.runId)
      await settle(leased, FINISHED)

      const again = await lease(NOON + MINUTE_MS)

      const run = await jobs.readRun(older.runId)
      assert.equal(run?.staleBehind, NOON + 2_000)
      if (staleChanges === 'flag') {
        assert.equal(only(again).run.message?.properties.Stale, 'true')
      } else {
        assert.deepEqual(again, [])
        assert.deepEqual([run?.status, run?.skipped, run?.attemptCount], ['CANCELLED', 'stale', 1])
      }
    })
  }

  on('an own change is kept and acknowledged, and starts no run', async (t) => {
    const { accept, jobs, lease } = await open(t, {})
    const { runId, answer } = await accept('a', 1_000, { isOwnChange: true })

    assert.deepEqual(answer, {
      kind: 'accepted',
      newRuns: 0,
      newNotifications: 1,
      differing: [],
      skipped: 1,
      stale: 0,
    })
    assert.deepEqual(await lease(), [])
    const run = await jobs.readRun(runId)
    assert.deepEqual([run?.status, run?.skipped], ['CANCELLED', 'own change'])
    assert.match(run?.failureReason ?? '', /own users/)
    // What came before an own change is stale all the same.
    const older = await accept('a', 500)
    assert.equal((await jobs.readRun(older.runId))?.staleBehind, NOON + 1_000)
  })
}
