import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outboundMessage } from '../../test/support/outbound-message.ts'
import { jobConfig, openReceivingStoreAt, openTestListener } from '../../test/support/receiving.ts'
import { storesUnderTest } from '../../test/support/stores.ts'

const INTEGRATION_USER = '0055e000000AbcDAAS'

for (const store of storesUnderTest()) {
  test(`${store.name}: what a job wrote back does not start it again, and what is older than that is told`, async (t) => {
    const stores = await openReceivingStoreAt(t, await store.url(t))
    await stores.jobs.writeConfig(jobConfig({ ownUserIds: [INTEGRATION_USER] }))
    const { post, log, nudgeCount } = await openTestListener(t, stores)
    const send = async (serial: number, fields: Readonly<Record<string, string>>) => {
      const reply = await post(
        outboundMessage({ notifications: [serial], recordOf: () => 1, fields }),
      )
      assert.equal(reply.status, 200)
      assert.match(reply.body, /<Ack>true<\/Ack>/)
    }

    await send(1, {
      LastModifiedById: INTEGRATION_USER.slice(0, 15),
      SystemModstamp: '2025-12-05T12:00:02.000Z',
    })
    assert.equal(nudgeCount(), 0)
    await send(1, { LastModifiedById: INTEGRATION_USER }) // a copy
    await send(2, {
      LastModifiedById: '0055e000000OthrAAA',
      SystemModstamp: '2025-12-05T12:00:01.000Z',
    })

    const [older, own] = await stores.jobs.listRuns({ limit: 9, offset: 0 })
    assert.deepEqual([own?.status, own?.skipped], ['CANCELLED', 'own change'])
    assert.equal(older?.status, 'QUEUED')
    assert.equal(older?.staleBehind, Date.parse('2025-12-05T12:00:02.000Z'))
    const accepted = log.lines.filter(({ event }) => event === 'inbox.accepted')
    assert.deepEqual(
      accepted.map(({ fields: { newRuns, duplicates, skipped, stale } }) => ({
        newRuns,
        duplicates,
        skipped,
        stale,
      })),
      [
        { newRuns: 0, duplicates: 0, skipped: 1, stale: 0 },
        { newRuns: 0, duplicates: 1, skipped: 0, stale: 0 },
        { newRuns: 1, duplicates: 0, skipped: 0, stale: 1 },
      ],
    )
  })
}
