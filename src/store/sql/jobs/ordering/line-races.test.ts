import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  jobConfig,
  NO_PLACE,
  NOON,
  openReceivingStoreAt,
} from '../../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../../test/support/stores.ts'
import { MINUTE_MS } from '../../../../base/clock.ts'
import type { NewJobRun } from '../../../../jobs/job-run.ts'
import { UNFINISHED_STATUSES } from '../../../../jobs/job-run.ts'
import type { JobStore } from '../../../../jobs/job-store.ts'
import { newRunId } from '../../../../jobs/run-id.ts'

const LINES = 3
const ROUNDS = 12
const FINISHED = { kind: 'finished', returnCode: 0, log: '' } as const

for (const store of storesUnderTest()) {
  test(`${store.name}: whoever adds, ends and stops at once on two machines, no run is left behind in a line and none goes beside another`, async (t) => {
    const url = await store.url(t)
    const { jobs } = await openReceivingStoreAt(t, url)
    const machines = [jobs, (await openReceivingStoreAt(t, url)).jobs]
    await jobs.writeConfig(jobConfig({ ordering: 'record' }))
    const inHand = new Set<string>()
    const added: string[] = []

    const add = async (machine: JobStore) => {
      const runs = Array.from({ length: LINES }, (_, line): NewJobRun => {
        const [runId, recordKey] = [newRunId(NOON), `00D/${line}`]
        const place = { ...NO_PLACE, recordKey, lineId: `${recordKey}/accounts` }
        const run = { runId, jobConfigId: 'accounts', message: null, submittedBy: 'a' }
        return { ...run, replayOf: null, queuedAt: NOON, place }
      })
      await machine.createRuns(runs)
      added.push(...runs.map(({ runId }) => runId))
    }
    const work = async (machine: JobStore) => {
      const ask = { limit: 2, limitPerConfig: 99, now: NOON, leaseMs: MINUTE_MS }
      const leased = await machine.leaseRuns(ask)
      for (const { run } of leased) {
        const line = run.recordKey ?? ''
        assert.ok(!inHand.has(line), `two runs of ${line} at once`)
        inHand.add(line)
      }
      for (const { lease, run } of leased) {
        // Once it is settled the next may be taken, so what we know of it ends before.
        inHand.delete(run.recordKey ?? '')
        await machine.settleRun(lease, FINISHED, NOON)
      }
      return leased.length
    }
    const stop = async (machine: JobStore) => {
      const some = added.filter((_, index) => index % 5 === added.length % 5).slice(-3)
      await Promise.all(some.map((runId) => machine.stopRun(runId, 'bob', NOON)))
    }

    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(
        machines.flatMap((machine) => [add(machine), work(machine), stop(machine), work(machine)]),
      )
    }
    while ((await work(jobs)) > 0);

    assert.equal(added.length, ROUNDS * LINES * 2)
    assert.equal(await jobs.countRuns({ statuses: UNFINISHED_STATUSES }), 0)
  })

  test(`${store.name}: a run that joins a line just as its last one leaves is not left behind`, async (t) => {
    const url = await store.url(t)
    const { jobs } = await openReceivingStoreAt(t, url)
    const other = (await openReceivingStoreAt(t, url)).jobs
    await jobs.writeConfig(jobConfig({ ordering: 'config' }))
    const place = { ...NO_PLACE, lineId: '*/accounts' }
    const add = () => {
      const run = { runId: newRunId(NOON), jobConfigId: 'accounts', message: null, replayOf: null }
      return other.createRuns([{ ...run, submittedBy: 'a', queuedAt: NOON, place }])
    }
    const ask = { limit: 9, limitPerConfig: 9, now: NOON, leaseMs: MINUTE_MS }

    await add()
    for (let round = 0; round < 60; round += 1) {
      const leased = await jobs.leaseRuns(ask)
      assert.equal(leased.length, 1, `in round ${round}`)
      const [last] = leased
      await Promise.all([jobs.settleRun(last?.lease as never, FINISHED, NOON), add()])
    }
  })
}
