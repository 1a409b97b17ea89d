import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  jobConfig,
  NO_PLACE,
  NOON,
  openReceivingStoreAt,
  ownRuns,
} from '../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'
import { DAY_MS, MINUTE_MS } from '../../../base/clock.ts'
import type { Acceptance } from '../../../inbox/inbox-store.ts'
import type { NewJobRun } from '../../../jobs/job-run.ts'
import type { LeasedRun } from '../../../jobs/job-store.ts'
import { newRunId } from '../../../jobs/run-id.ts'

const ORGANIZATION = '00D5e000000Abc1EAC'

function acceptance(
  notificationIds: readonly string[],
  change: Partial<Acceptance> = {},
): Acceptance {
  return {
    jobConfigId: 'accounts',
    organizationId: ORGANIZATION,
    receivedAt: NOON,
    ...ownRuns(
      notificationIds.map((notificationId) => ({
        notificationId,
        runId: newRunId(NOON),
        message: { name: 'msg1', body: `<n>${notificationId}</n>`, properties: { A: 'ä' } },
        place: NO_PLACE,
      })),
    ),
    skipsStale: false,
    ...change,
  }
}

function newRun(change: Partial<NewJobRun> = {}): NewJobRun {
  return {
    runId: newRunId(NOON),
    jobConfigId: 'accounts',
    message: null,
    submittedBy: 'alice',
    replayOf: null,
    queuedAt: NOON,
    place: NO_PLACE,
    ...change,
  }
}

const LEASE = { limit: 100, limitPerConfig: 100, now: NOON, leaseMs: MINUTE_MS }

for (const store of storesUnderTest()) {
  const open = async (t: TestContext) => {
    const url = await store.url(t)
    const { inbox, jobs } = await openReceivingStoreAt(t, url)
    await jobs.writeConfig(jobConfig())
    const leaseOne = async (): Promise<LeasedRun> => {
      const [leased] = await jobs.leaseRuns(LEASE)
      assert.ok(leased, 'expected a run that is due')
      return leased
    }
    return { inbox, jobs, leaseOne, url }
  }
  const on = (name: string, body: (t: TestContext) => Promise<void>) => {
    test(`${store.name}: ${name}`, body)
  }

  on('a notification is kept once, with a run of its own that holds its message', async (t) => {
    const { inbox, jobs } = await open(t)

    const accepted = { kind: 'accepted', skipped: 0, stale: 0, differing: [] }
    assert.deepEqual(await inbox.accept(acceptance(['n1', 'n2'])), {
      ...accepted,
      newRuns: 2,
      newNotifications: 2,
    })
    assert.deepEqual(await inbox.accept(acceptance(['n2', 'n3', 'n3'])), {
      ...accepted,
      newRuns: 1,
      newNotifications: 1,
    })

    const leased = await jobs.leaseRuns(LEASE)
    assert.deepEqual(
      leased.map(({ run }) => run.message?.body),
      ['<n>n1</n>', '<n>n2</n>', '<n>n3</n>'],
    )
    assert.deepEqual(leased[0]?.run.message?.properties, { A: 'ä' })
    assert.equal(leased[0]?.run.submittedBy, 'obm')
  })

  on('the same id of another organisation or job config is another notification', async (t) => {
    const { inbox, jobs } = await open(t)
    await jobs.writeConfig(jobConfig({ jobConfigId: 'other' }))

    await inbox.accept(acceptance(['n1']))
    await inbox.accept(acceptance(['n1'], { organizationId: '00D5e000000Abc2EAC' }))
    await inbox.accept(acceptance(['n1'], { jobConfigId: 'other' }))

    assert.equal(await jobs.countRuns({}), 3)
  })

  on('what is ahead: the runs in hand, and when the next of the others is due', async (t) => {
    const { jobs, leaseOne } = await open(t)
    assert.deepEqual(await jobs.workAhead(), { leasedCount: 0, dueAt: null })
    await jobs.createRuns([newRun()])
    assert.deepEqual(await jobs.workAhead(), { leasedCount: 0, dueAt: NOON })

    await jobs.activateConfig('accounts', false)
    assert.deepEqual(await jobs.workAhead(), { leasedCount: 0, dueAt: null })
    await jobs.activateConfig('accounts', true)

    const { lease } = await leaseOne()
    assert.deepEqual(await jobs.workAhead(), { leasedCount: 1, dueAt: null })
    const dueAt = NOON + MINUTE_MS
    const retry = {
      kind: 'retry',
      dueAt,
      returnCode: 1,
      reason: 'it ended with 1',
      log: '',
    } as const
    await jobs.settleRun(lease, retry, NOON)
    assert.deepEqual(await jobs.workAhead(), { leasedCount: 0, dueAt })
  })

  on('copies that arrive at once on two machines start one run', async (t) => {
    const { inbox, jobs, url } = await open(t)
    const machines = [inbox, (await openReceivingStoreAt(t, url)).inbox]
    const ids = Array.from({ length: 20 }, (_, index) => `n${index}`)

    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, copy) => {
        const shuffled = copy % 3 === 0 ? ids.toReversed() : ids
        return machines[copy % 2]?.accept(acceptance(shuffled))
      }),
    )

    const newRuns = answers.map((answer) => (answer?.kind === 'accepted' ? answer.newRuns : -1))
    assert.equal(
      newRuns.reduce((sum, each) => sum + each),
      ids.length,
    )
    assert.equal(await jobs.countRuns({}), ids.length)
  })

  on(
    'nothing is accepted for a job config that is not there, and others in the group are',
    async (t) => {
      const { inbox, jobs } = await open(t)

      const answers = await Promise.all([
        inbox.accept(acceptance(['n1'])),
        inbox.accept(acceptance(['n2'], { jobConfigId: 'gone' })),
        inbox.accept(acceptance(['n3'])),
      ])

      assert.deepEqual(
        answers.map((answer) => answer.kind),
        ['accepted', 'no job config', 'accepted'],
      )
      assert.equal(await jobs.countRuns({}), 2)
    },
  )

  on('an acceptance that cannot be written fails alone', async (t) => {
    const { inbox, jobs } = await open(t)
    const taken = newRun()
    await jobs.createRuns([taken])
    const { runId } = taken
    const [message, place] = [{ name: 'm', body: '<a/>', properties: {} }, NO_PLACE]
    const bad = acceptance([], ownRuns([{ notificationId: 'n2', runId, message, place }]))

    const answers = await Promise.allSettled(
      [acceptance(['n0']), acceptance(['n1']), bad, acceptance(['n3'])].map(inbox.accept),
    )

    assert.deepEqual(
      answers.map((answer) => answer.status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal(await jobs.countRuns({}), 4)
  })

  on('runs of an inactive config wait, and are queued when it becomes active', async (t) => {
    const { inbox, jobs } = await open(t)
    await jobs.activateConfig('accounts', false)
    await inbox.accept(acceptance(['n1']))

    assert.deepEqual(await jobs.leaseRuns(LEASE), [])
    assert.equal((await jobs.listRuns({ statuses: ['WAITING'], limit: 9, offset: 0 })).length, 1)
    assert.deepEqual(await jobs.createRuns([newRun()]), ['WAITING'])

    await jobs.activateConfig('accounts', true)
    assert.equal(await jobs.countRuns({ statuses: ['WAITING'] }), 0)
    assert.equal((await jobs.leaseRuns(LEASE)).length, 2)
  })

  on('of many runners no two get the same run', async (t) => {
    const { jobs, url } = await open(t)
    const other = (await openReceivingStoreAt(t, url)).jobs
    await jobs.createRuns(Array.from({ length: 50 }, () => newRun()))

    const leases = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? jobs : other).leaseRuns({ ...LEASE, limit: 8 }),
      ),
    )

    const ids = leases.flat().map(({ lease }) => lease.runId)
    assert.equal(new Set(ids).size, ids.length)
  })

  on('a config with many due runs leaves slots to the others', async (t) => {
    const { jobs } = await open(t)
    await jobs.writeConfig(jobConfig({ jobConfigId: 'late' }))
    await jobs.createRuns(Array.from({ length: 40 }, () => newRun()))
    await jobs.createRuns([newRun({ jobConfigId: 'late', queuedAt: NOON })])

    const first = await jobs.leaseRuns({ ...LEASE, limit: 8, limitPerConfig: 6 })
    const held = { accounts: first.filter(({ run }) => run.jobConfigId === 'accounts').length }
    const second = await jobs.leaseRuns({ ...LEASE, limit: 8, limitPerConfig: 6, held })

    assert.ok(first.some(({ run }) => run.jobConfigId === 'late'))
    const busy = [...first, ...second].filter(({ run }) => run.jobConfigId === 'accounts')
    assert.equal(busy.length, 6)
  })

  on('who outlived his lease neither starts nor settles the run', async (t) => {
    const { jobs } = await open(t)
    await jobs.createRuns([newRun()])
    const [late] = await jobs.leaseRuns({ ...LEASE, leaseMs: 0 }) // lapses at once
    const [current] = await jobs.leaseRuns(LEASE)
    assert.ok(late && current)

    assert.equal(current.run.attemptCount, 2)
    assert.equal(await jobs.startRun(late.lease, NOON), 'lease lost')
    const finished = { kind: 'finished', returnCode: 0, log: 'late' } as const
    assert.equal(await jobs.settleRun(late.lease, finished, NOON), 'lease lost')
    assert.deepEqual(await jobs.renewRuns([late.lease, current.lease], MINUTE_MS), [current.lease])

    assert.equal(await jobs.startRun(current.lease, NOON), 'started')
    assert.equal(await jobs.settleRun(current.lease, { ...finished, log: 'mine' }, NOON), 'settled')
    const run = await jobs.readRun(current.run.runId)
    assert.deepEqual([run?.status, run?.log, run?.returnCode], ['FINISHED', 'mine', 0])
  })

  on('a failed attempt is due again later, and only then', async (t) => {
    const { jobs, leaseOne } = await open(t)
    await jobs.createRuns([newRun()])
    const { lease } = await leaseOne()
    await jobs.startRun(lease, NOON)
    const retry = {
      kind: 'retry',
      dueAt: NOON + 30_000,
      returnCode: 1,
      reason: 'r',
      log: 'l',
    } as const
    await jobs.settleRun(lease, retry, NOON)

    assert.deepEqual(await jobs.leaseRuns({ ...LEASE, now: NOON + 29_999 }), [])
    const [again] = await jobs.leaseRuns({ ...LEASE, now: NOON + 30_000 })
    assert.equal(again?.run.attemptCount, 2)
    assert.equal(again?.run.failureReason, 'r')
  })

  on('a run that is given back is due at once, and its attempt does not count', async (t) => {
    const { jobs, leaseOne } = await open(t)
    await jobs.createRuns([newRun()])
    const { lease } = await leaseOne()
    await jobs.settleRun(lease, { kind: 'released', log: '' }, NOON)

    assert.equal((await leaseOne()).run.attemptCount, 1)
  })

  on('a person stops a run: cancelled before it was taken, failed while it runs', async (t) => {
    const { jobs, leaseOne } = await open(t)
    await jobs.createRuns([newRun()])
    const running = await leaseOne()
    await jobs.startRun(running.lease, NOON)
    const queued = newRun()
    await jobs.createRuns([queued])

    assert.equal(await jobs.stopRun(queued.runId, 'bob', NOON), 'CANCELLED')
    assert.equal(await jobs.stopRun(running.run.runId, 'bob', NOON), 'FAILED')
    assert.equal(await jobs.stopRun('nobody', 'bob', NOON), null)

    assert.deepEqual(await jobs.renewRuns([running.lease], MINUTE_MS), [])
    const late = { kind: 'finished', returnCode: 0, log: 'so far' } as const
    assert.equal(await jobs.settleRun(running.lease, late, NOON), 'stopped')
    const run = await jobs.readRun(running.run.runId)
    assert.deepEqual([run?.status, run?.stoppedBy, run?.log], ['FAILED', 'bob', 'so far'])
    assert.equal(await jobs.stopRun(running.run.runId, 'eve', NOON), 'FAILED')
    assert.equal((await jobs.readRun(running.run.runId))?.stoppedBy, 'bob')
  })

  on('deleting a config cancels what is queued, and ends what fails later', async (t) => {
    const { jobs, leaseOne } = await open(t)
    await jobs.createRuns([newRun()])
    const { lease } = await leaseOne()
    const queued = newRun()
    await jobs.createRuns([queued])

    assert.equal(await jobs.deleteConfig('accounts', NOON), true)
    assert.equal(await jobs.deleteConfig('accounts', NOON), false)
    const retry = { kind: 'retry', dueAt: NOON, returnCode: 1, reason: 'r', log: '' } as const
    await jobs.settleRun(lease, retry, NOON)

    assert.equal((await jobs.readRun(queued.runId))?.status, 'CANCELLED')
    assert.equal((await jobs.readRun(lease.runId))?.status, 'FAILED')
    assert.deepEqual(await jobs.createRuns([newRun()]), [null])
  })

  on('lists show the newest first, by config and status, a page at a time', async (t) => {
    const { jobs } = await open(t)
    const runs = [1, 2, 3].map(() => newRun())
    await jobs.createRuns(runs)

    const page = await jobs.listRuns({ jobConfigIds: ['accounts'], limit: 2, offset: 1 })
    assert.deepEqual(
      page.map((run) => run.runId),
      [runs[1]?.runId, runs[0]?.runId],
    )
    assert.deepEqual(await jobs.listRuns({ jobConfigIds: ['x'], limit: 2, offset: 0 }), [])
    assert.equal(await jobs.countRuns({ statuses: ['QUEUED', 'RUNNING'] }), 3)
  })

  on('a route is known anew at once after a change of its config', async (t) => {
    const { inbox, jobs } = await open(t)
    assert.equal((await inbox.readRoute('accounts'))?.isActive, true)
    await jobs.writeConfig(jobConfig({ isActive: false, name: 'New' }))
    assert.equal((await inbox.readRoute('accounts'))?.name, 'New')
    await jobs.deleteConfig('accounts', NOON)
    assert.equal(await inbox.readRoute('accounts'), null)
  })

  on('ids are forgotten and finished runs and lapsed tokens ended when they are old', async (t) => {
    const { inbox, jobs, leaseOne } = await open(t)
    await inbox.accept(acceptance(['n1']))
    const { lease } = await leaseOne()
    await jobs.settleRun(lease, { kind: 'finished', returnCode: 0, log: '' }, NOON)
    const token = { tokenHash: 'h', kind: 'access', loginId: 'l', username: 'alice' } as const
    await jobs.writeTokens([{ ...token, expiresAt: NOON + 1 }])

    assert.equal(await inbox.forget(NOON), 0)
    assert.equal(await jobs.retainRuns(NOON, NOON), 0)
    assert.equal(await inbox.forget(NOON + 7 * DAY_MS), 1)
    assert.equal(await jobs.retainRuns(NOON + 1, NOON + 1), 2)
    assert.equal(await jobs.readToken('h'), null)
    assert.equal(await jobs.readRun(lease.runId), null)
  })

  on('a user is found by name, whatever its case', async (t) => {
    const { jobs } = await open(t)
    const alice = {
      userId: 'u1',
      username: 'Alice',
      passwordHash: 'x',
      isActive: true,
      role: 'Admin',
      permissions: [],
    } as const
    await jobs.writeUser(alice)
    assert.deepEqual(await jobs.readUser('aLICE'), alice)
    await jobs.writeUser({ ...alice, isActive: false })
    assert.deepEqual(
      (await jobs.listUsers()).map((user) => user.isActive),
      [false],
    )
  })
}
