import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE_MS } from '../../src/base/clock.ts'
import { messageId, notifications, routeOf } from '../support/notifications.ts'
import { storesUnderTest } from '../support/stores.ts'
import { NOON } from '../support/test-clock.ts'

for (const store of storesUnderTest()) {
  test(`${store.name}: what waits is told by its ends, and processes by when they were seen`, async (t) => {
    const { org, outbox, health } = await store.open(t)
    const idle = await health.facts()
    assert.deepEqual(idle.lanes, [])
    assert.deepEqual([idle.emailDueAt, idle.timeEntryDueAt, idle.runDueAt], [null, null, null])

    await outbox.route([routeOf(1, 'https://a.example/'), routeOf(2, 'https://b.example/')], NOON)
    const owed = [
      ...notifications(2, { createdAt: NOON + 5 }),
      ...notifications(1, { createdAt: NOON + 1 }),
      ...notifications(1, { outboundMessageId: messageId(2), createdAt: NOON }),
    ]
    await org.commit({ records: [], notifications: owed, expectations: [] })
    const held = { kind: 'outboundMessage', outboundMessageId: messageId(2) } as const
    await outbox.hold(held, 'for repair', NOON)
    await health.beat({ processId: 'p', owner: 'h:1', roles: ['org', 'sender'], turnedAgoMs: 5000 })
    await health.beat({ processId: 'q', owner: 'h:2', roles: ['jobs'], turnedAgoMs: null })
    await health.beat({ processId: 'q', owner: 'h:2', roles: ['jobs'], turnedAgoMs: null })

    const facts = await health.facts()
    const [one, other] = facts.lanes.toSorted((a, b) => (a.endpointUrl < b.endpointUrl ? -1 : 1))
    const lane = { probeAt: null, failureCount: 0, leasedCount: 0 }
    assert.deepEqual(one, {
      ...lane,
      endpointUrl: 'https://a.example/',
      isHeld: false,
      dueAt: NOON + 1,
      oldestCreatedAt: NOON + 1,
      waitingCount: 3,
    })
    assert.deepEqual(other, {
      ...lane,
      endpointUrl: 'https://b.example/',
      isHeld: true,
      dueAt: null,
      oldestCreatedAt: NOON,
      waitingCount: 1,
    })
    assert.deepEqual(facts.processes.map(({ processId }) => processId).toSorted(), ['p', 'q'])
    const sender = facts.processes.find(({ processId }) => processId === 'p')
    assert.deepEqual(sender?.roles, ['org', 'sender'])
    assert.ok((sender?.turnedAgoMs ?? 0) >= 5000)
    assert.ok((sender?.seenAgoMs ?? -1) >= 0 && (sender?.seenAgoMs ?? MINUTE_MS) < MINUTE_MS)

    await health.leave('p')
    assert.deepEqual(
      (await health.processes()).map(({ processId }) => processId),
      ['q'],
    )
  })
}
