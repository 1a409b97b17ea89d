import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outboundMessage } from '../../../../test/support/outbound-message.ts'
import {
  jobConfig,
  openReceivingStoreAt,
  openTestListener,
} from '../../../../test/support/receiving.ts'
import { storesUnderTest } from '../../../../test/support/stores.ts'
import { MINUTE_MS } from '../../../base/clock.ts'

for (const store of storesUnderTest()) {
  test(`${store.name}: why a job config refuses is kept once for each cause, with the last message’s beginning`, async (t) => {
    const stores = await openReceivingStoreAt(t, await store.url(t))
    await stores.jobs.writeConfig(jobConfig())
    const listener = await openTestListener(t, stores)
    const cut = outboundMessage({ sessionId: '00D5e000000Abc1!SECRET' }).slice(0, -20)
    const started = listener.clock.now()
    await listener.post('<first')
    await listener.post('<second')
    listener.clock.advance(MINUTE_MS)
    await listener.post(cut)
    await listener.post('<x/>')
    await listener.post('<x/>', { path: 'nobody' }) // no job config's: nothing is kept

    let kept = await stores.jobs.listRefusals('accounts')
    while (kept.length < 2 || kept.every(({ count }) => count < 3)) {
      kept = await stores.jobs.listRefusals('accounts')
    }
    const malformed = kept.find(({ errorCode }) => errorCode === 'MALFORMED_XML')
    assert.deepEqual(
      [malformed?.count, malformed?.firstAt, malformed?.lastAt, malformed?.remoteAddress],
      [3, started, started + MINUTE_MS, '127.0.0.1'],
    )
    assert.match(malformed?.sample ?? '', /<SessionId>\(masked\)<\/SessionId>/)
    assert.doesNotMatch(JSON.stringify(kept), /SECRET/)
    assert.deepEqual(await stores.jobs.listRefusals('nobody'), [])

    assert.equal(await stores.inbox.forget(started + MINUTE_MS), 0)
    assert.equal(await stores.inbox.forget(started + MINUTE_MS + 1), 2)
    assert.deepEqual(await stores.jobs.listRefusals('accounts'), [])
  })
}
