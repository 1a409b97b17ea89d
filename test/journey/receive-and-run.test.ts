import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openRunner } from '../../src/jobs/runner.ts'
import { COMMAND_JOB } from '../support/commands.ts'
import { notificationId, outboundMessage } from '../support/outbound-message.ts'
import { jobConfig, openReceivingStoreAt, openTestListener } from '../support/receiving.ts'
import { openTestRunJob } from '../support/run-jobs.ts'
import { storesUnderTest, temporaryFolder } from '../support/stores.ts'

for (const store of storesUnderTest()) {
  test(`${store.name}: each notification runs its program once, however often and wherever it arrives`, async (t) => {
    const url = await store.url(t)
    const machines = [await openReceivingStoreAt(t, url), await openReceivingStoreAt(t, url)]
    const [first, second] = machines
    assert.ok(first && second)
    const file = join(temporaryFolder(t), 'ran')
    const script = `require('fs').appendFileSync(${JSON.stringify(file)}, process.env.OBM_PROPERTY_NOTIFICATION_ID + '\\n')`
    const job = { ...COMMAND_JOB, command: [process.execPath, '-e', script] }
    await first.jobs.writeConfig(jobConfig({ job }))
    const listeners = [await openTestListener(t, first), await openTestListener(t, second)]

    const message = outboundMessage({ notifications: [1, 2, 3, 4, 5] })
    const replies = await Promise.all(
      listeners.flatMap((listener) => [listener.post(message), listener.post(message)]),
    )
    const runners = machines.map(({ jobs }, index) => {
      const { clock, log } = listeners[index] ?? assert.fail()
      const runJob = openTestRunJob()
      return openRunner({ store: jobs, runJob, clock, log })
    })
    await Promise.all(runners.map((runner) => runner.turn()))

    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    const ran = readFileSync(file, 'utf8').trim().split('\n')
    assert.deepEqual(ran.toSorted(), [1, 2, 3, 4, 5].map(notificationId))
    assert.equal(await first.jobs.countRuns({ statuses: ['FINISHED'] }), 5)
  })
}
