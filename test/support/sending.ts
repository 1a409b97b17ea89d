import type { TestContext } from 'node:test'
import type { LogFields } from '../../src/base/log.ts'
import { openGuard } from '../../src/egress/guard.ts'
import { type HttpSettings, openHttp } from '../../src/egress/post.ts'
import { DEFAULT_SCHEDULE } from '../../src/outbox/delivery-schedule.ts'
import type { OutboxStore } from '../../src/outbox/outbox-store.ts'
import type { FieldValues } from '../../src/schema/field-value.ts'
import type { FieldDefinition } from '../../src/schema/object-definition.ts'
import { KEY_PREFIX, makeRecordId, type RecordId } from '../../src/schema/record-id.ts'
import { openPost } from '../../src/sender/post.ts'
import type { RecordReader } from '../../src/sender/record-reader.ts'
import type { Sendable } from '../../src/sender/sendable.ts'
import { openSender, type Sender } from '../../src/sender/sender.ts'
import { afterTest } from './after-test.ts'
import { messageId, notifications, routeOf } from './notifications.ts'
import { storesUnderTest } from './stores.ts'
import { NOON, type TestClock, testClock } from './test-clock.ts'

/** A sender over a real store and a real HTTP client, with the org's answers on a shelf. */
export type Sending = {
  readonly outbox: OutboxStore
  readonly sender: Sender
  readonly clock: TestClock
  /** The records as they are now; one that is not there is deleted. */
  readonly shelf: Map<RecordId, FieldValues>
  /** Queues so many notifications in one save, of records that are put on the shelf. */
  queue(count: number): Promise<readonly RecordId[]>
  /** Takes turns until one is idle. Answers how many worked. */
  settleDown(): Promise<number>
  /** Lines as they were logged: event and fields. */
  readonly logged: { readonly event: string; readonly fields: LogFields }[]
  /** What the org knows of the outbound message; null when it is gone. */
  sendable: Sendable | null
  sessionId: string | null
  /** Why the user to send as cannot be sent as; null when he can. */
  whyNotAs: string | null
}

export const ORGANIZATION_ID = makeRecordId(KEY_PREFIX.organization, 1)

/** Opens one with an outbound message of accounts that goes to `endpointUrl`, over a client of its own if need be. */
export async function openSending(
  t: TestContext,
  endpointUrl: string,
  settings: Partial<HttpSettings> = {},
): Promise<Sending> {
  const [store] = storesUnderTest()
  if (!store) throw new Error('there is no store to test with')
  const { org, outbox } = await store.open(t)
  const http = openHttp({ guard: openGuard({ allow: ['loopback'] }), ...settings })
  const clock = testClock()
  const shelf = new Map<RecordId, FieldValues>()
  const logged: Sending['logged'] = []
  const write = (event: string, fields: LogFields = {}) => void logged.push({ event, fields })

  const sender = openSender({
    store: outbox,
    records: shelfReader(shelf, () => sending),
    messageOf: async () => sending.sendable,
    post: openPost(http, { totalMs: 5000 }),
    clock,
    log: { debug: write, info: write, warn: write, error: write },
    owner: 'test',
    settings: { stopMs: 0 },
  })
  const sending: Sending = {
    outbox,
    sender,
    clock,
    shelf,
    logged,
    sendable: accountsTo(endpointUrl),
    sessionId: null,
    whyNotAs: null,
    queue: async (count) => {
      const queued = notifications(count, { createdAt: clock.now() })
      for (const { recordId } of queued) shelf.set(recordId, { Name: `Account ${recordId}` })
      await org.commit({ records: [], notifications: queued, expectations: [] })
      await outbox.wake([messageId(1)], clock.now())
      return queued.map((each) => each.recordId)
    },
    settleDown: async () => {
      let count = 0
      while ((await sender.turn()) === 'worked') count += 1
      return count
    },
  }
  afterTest(t, async () => {
    await sender.stop()
    await http.close()
  })
  await outbox.route([routeOf(1, endpointUrl)], NOON)
  return sending
}

function shelfReader(
  shelf: ReadonlyMap<RecordId, FieldValues>,
  sending: () => Pick<Sending, 'sessionId' | 'whyNotAs'>,
): RecordReader {
  return {
    whyNotAs: async () => sending().whyNotAs,
    readRecordsAs: async (_username, _objectName, ids) =>
      new Map(ids.flatMap((id) => (shelf.has(id) ? [[id, shelf.get(id) ?? {}]] : []))),
    sessionFor: async () => sending().sessionId,
  }
}

function accountsTo(endpointUrl: string): Sendable {
  return {
    message: {
      kind: 'outboundMessage',
      objectName: 'Account',
      fullName: 'Notify_ERP',
      name: 'Notify ERP',
      description: null,
      apiVersion: '60.0',
      endpointUrl,
      fields: ['Name', 'Pin__c'],
      includeSessionId: false,
      integrationUser: 'integration@example.com',
      useDeadLetterQueue: false,
      isProtected: false,
      place: { file: 'Account.workflow-meta.xml', line: 1 },
    },
    schedule: DEFAULT_SCHEDULE,
    fields: [field('Name'), { ...field('Pin__c'), secret: true }],
    organizationId: ORGANIZATION_ID,
    instanceUrl: 'https://org.example',
  }
}

function field(name: string): FieldDefinition {
  return { name, label: name, type: 'string', length: 80 }
}
