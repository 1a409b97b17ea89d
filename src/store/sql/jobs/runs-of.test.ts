import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  jobConfig,
  NO_PLACE,
  NOON,
  openReceivingStoreAt,
  ownRuns,
} from '../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'
import { DAY_MS } from '../../../base/clock.ts'
import { newRunId } from '../../../jobs/run-id.ts'
import { replayRun } from '../../../jobs/submitting/replay-runs.ts'

const ORGANIZATION = '00D5e000000Abc1EAC'
const OTHER = '00D5e000000Abc2EAC'

for (const store of storesUnderTest()) {
  test(`${store.name}: the runs of a notification are found, in all job configs, with their replays`, async (t) => {
    const { inbox, jobs } = await openReceivingStoreAt(t, await store.url(t))
    const accept = async (notificationId: string, jobConfigId: string, organizationId: string) => {
      const message = { name: 'm', body: '<a/>', properties: {} }
      const runId = newRunId(NOON)
      const notifications = [{ notificationId, runId, message, place: NO_PLACE }]
      await inbox.accept({
        jobConfigId,
        organizationId,
        receivedAt: NOON,
        ...ownRuns(notifications),
        skipsStale: false,
      })
      return runId
    }
    for (const id of ['copy', 'mail']) await jobs.writeConfig(jobConfig({ jobConfigId: id }))
    const copied = await accept('n1', 'copy', ORGANIZATION)
    const mailed = await accept('n1', 'mail', ORGANIZATION)
    await accept('n1', 'copy', OTHER)
    await accept('n2', 'copy', ORGANIZATION)
    const third = await accept('n3', 'copy', ORGANIZATION)
    const clock = { now: () => NOON + 1, real: () => NOON + 1 }
    const replay = (runId: string) =>
      replayRun({ store: jobs, clock }, { runId, submittedBy: 'alice' })
    const again = await replay(copied)
    const andAgain = await replay(again?.runId ?? '')

    const runsOf = (notificationIds: readonly string[], limit = 99) =>
      jobs.runsOf({ organizationId: ORGANIZATION, notificationIds, limit })
    const found = await runsOf(['n1', 'n3', 'n4'])
    assert.deepEqual(
      found.map(({ runId, notificationId }) => [runId, notificationId]),
      [
        [copied, 'n1'],
        [mailed, 'n1'],
        [third, 'n3'],
        [again?.runId, 'n1'],
        [andAgain?.runId, 'n1'],
      ].toSorted(([a = ''], [b = '']) => Number(a > b) - Number(a < b)),
    )
    const [first] = found
    assert.deepEqual(
      [first?.status, first?.jobConfigId, first?.queuedAt, first?.replayOf],
      ['QUEUED', 'copy', NOON, null],
    )
    assert.equal((await runsOf(['n1', 'n3'], 2)).length, 2)
    assert.deepEqual(await runsOf([]), [])

    await jobs.deleteConfig('copy', NOON) // its runs are told all the same
    assert.equal((await runsOf(['n3']))[0]?.status, 'CANCELLED')
    await inbox.forget(NOON + 7 * DAY_MS)
    assert.deepEqual(await runsOf(['n1', 'n3']), [])
  })
}
