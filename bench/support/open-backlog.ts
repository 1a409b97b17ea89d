import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { firstUserId } from '../../src/org/founding/found-org.ts'
import { openOrg } from '../../src/org/open-org.ts'
import { rawFields } from '../../src/org/save/record-edit.ts'
import { RECORDS_MAX, saveRecords } from '../../src/org/save/save-records.ts'
import { LIFETIME_MS, NOTIFICATIONS_MAX } from '../../src/outbox/notification.ts'
import { KEY_PREFIX, makeRecordId, type RecordId } from '../../src/schema/record-id.ts'
import { openStores, type Stores } from '../../src/store/open-store.ts'
import { recordValues } from './bench-project.ts'
import { runPostgres } from './bench-stores.ts'
import { SECRET_KEY_HEX } from './obm-process.ts'

const OBJECT = 'Plain__c'
const MESSAGE = 'Plain__c.Tell'
/** Notifications in one commit. */
const SLICE = 5000
const POLL_MS = 20

/** The backlog of a sender that runs beside. */
export type Backlog = {
  /** Queues so many notifications, of which `batchLimit` go in one message; they are on hold until `start`. */
  queue(count: number, batchLimit: number): Promise<void>
  start(): Promise<void>
  /** Resolves when nothing waits. */
  settled(): Promise<void>
}

/** Saves so many records of the project's object, and queues notifications of them in turn. */
export async function openBacklog(
  scope: AsyncDisposableStack,
  { storeUrl, records }: { readonly storeUrl: string; readonly records: number },
): Promise<Backlog> {
  const stores = await openStores(storeUrl, { secretKey: Buffer.from(SECRET_KEY_HEX, 'hex') })
  scope.defer(() => stores.close())
  const { outbox } = stores
  const recordIds = await saveAll(stores, records)
  const target = { kind: 'outboundMessage', outboundMessageId: await messageId(stores) } as const
  let serial = 0

  const notification = (now: number) => {
    serial += 1
    return {
      notificationId: makeRecordId(KEY_PREFIX.notification, serial),
      outboundMessageId: target.outboundMessageId,
      objectName: OBJECT,
      recordId: recordIds[serial % recordIds.length] as RecordId,
      ruleFullName: 'bench',
      createdAt: now,
      expiresAt: now + LIFETIME_MS,
    }
  }
  return {
    queue: async (count, batchLimit) => {
      await outbox.hold(target, 'the backlog is being queued', Date.now())
      for (let queued = 0; queued < count; queued += SLICE) {
        const length = Math.min(SLICE, count - queued)
        const notifications = Array.from({ length }, () => notification(Date.now()))
        await stores.org.commit({ records: [], notifications, expectations: [] })
      }
      if (batchLimit < NOTIFICATIONS_MAX) {
        await runSql(
          storeUrl,
          `UPDATE notification SET batch_limit = ${batchLimit}, is_regrown = 1`,
        )
      }
    },
    start: async () => {
      await outbox.resume(target, Date.now())
      await outbox.wake([target.outboundMessageId], Date.now())
    },
    settled: async () => {
      const waits = async () => (await outbox.lanes()).some((lane) => lane.waitingCount > 0)
      while (await waits()) await sleep(POLL_MS)
    },
  }
}

/** Saves so many records of the project's object. */
export async function saveAll(stores: Stores, count: number): Promise<readonly RecordId[]> {
  const org = await openOrg({
    store: stores.org,
    clock: systemClock(),
    log: silentLog,
    onQueued: () => {},
  })
  const ids: RecordId[] = []
  while (ids.length < count) {
    const edits = Array.from({ length: Math.min(RECORDS_MAX, count - ids.length) }, (_, index) => {
      const fields = rawFields(recordValues(ids.length + index))
      return { kind: 'create', objectName: OBJECT, fields } as const
    })
    const results = await saveRecords(org, edits, { userId: firstUserId(), allOrNone: true })
    for (const result of results) {
      if (result.kind !== 'saved') throw new Error(`not saved: ${JSON.stringify(result)}`)
      ids.push(result.recordId)
    }
  }
  return ids
}

async function messageId({ org }: Stores): Promise<RecordId> {
  const { definitions } = await org.readDefinitions()
  const found = definitions.find(({ kind, key }) => kind === 'outboundMessage' && key === MESSAGE)
  if (!found) throw new Error(`the project has no outbound message ${MESSAGE}`)
  return found.id
}

/** What no port offers: as if these had been refused so often that they go alone. */
export async function runSql(storeUrl: string, sql: string): Promise<void> {
  if (!storeUrl.startsWith('sqlite:')) return runPostgres(storeUrl, sql)
  const db = new DatabaseSync(storeUrl.slice('sqlite:'.length), { timeout: 10_000 })
  db.exec(sql)
  db.close()
}
