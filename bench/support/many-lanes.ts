import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LIFETIME_MS } from '../../src/outbox/notification.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import { openStores } from '../../src/store/open-store.ts'
import { metadataXml } from '../../test/support/temporary-project.ts'
import { MESSAGE_FIELDS, writeBenchProject } from './bench-project.ts'
import { ADMIN, SECRET_KEY_HEX } from './obm-process.ts'
import { runSql, saveAll } from './open-backlog.ts'

const OBJECT = 'Plain__c'
const DEAD = 'Dead'
const RECORDS = 1000
const POLL_MS = 20

/** Writes a project whose object has so many outbound messages, each to an endpoint of its own, and one to `/dead`. */
export function writeLanesProject(folder: string, healthyCount: number, sinkUrl: string): void {
  writeBenchProject(folder, { username: ADMIN.username })
  const message = (name: string, path: string) => `<outboundMessages><fullName>${name}</fullName>
    <apiVersion>60.0</apiVersion><endpointUrl>${new URL(path, sinkUrl)}</endpointUrl>
    ${MESSAGE_FIELDS.map((field) => `<fields>${field}</fields>`).join('')}
    <includeSessionId>false</includeSessionId><integrationUser>${ADMIN.username}</integrationUser>
    <name>${name}</name><protected>false</protected><useDeadLetterQueue>false</useDeadLetterQueue>
    </outboundMessages>`
  const healthy = Array.from({ length: healthyCount }, (_, index) =>
    message(`Tell_${index}`, `/${index}`),
  )
  writeFileSync(
    join(folder, 'force-app/main/default/workflows', `${OBJECT}.workflow-meta.xml`),
    metadataXml('Workflow', [message(DEAD, '/dead'), ...healthy].join('')),
  )
}

/** What waits for a sender that runs beside, in the lanes of such a project. */
export type LanesBacklog = {
  /** Makes so many due at once, shared by the healthy endpoints, or all of them the dead one's. */
  queue(count: number, whose: 'healthy' | 'dead'): Promise<void>
  /** Resolves when nothing waits but for the dead endpoint. */
  settled(): Promise<void>
}

/** Saves the records that are told of. Notifications are written by the database itself: a million takes seconds. */
export async function openLanesBacklog(
  scope: AsyncDisposableStack,
  storeUrl: string,
): Promise<LanesBacklog> {
  const stores = await openStores(storeUrl, { secretKey: Buffer.from(SECRET_KEY_HEX, 'hex') })
  scope.defer(() => stores.close())
  const recordIds = await saveAll(stores, RECORDS)
  const { definitions } = await stores.org.readDefinitions()
  const messages = definitions.flatMap(({ kind, key, id }) =>
    kind === 'outboundMessage' && key.startsWith(`${OBJECT}.`) ? [{ key, id }] : [],
  )
  const deadId = messages.find(({ key }) => key === `${OBJECT}.${DEAD}`)?.id
  const healthyIds = messages
    .filter(({ key }) => key.startsWith(`${OBJECT}.Tell_`))
    .map(({ id }) => id)
  if (!deadId) throw new Error('the project has no outbound message to a dead endpoint')
  let written = 0

  return {
    queue: async (count, whose) => {
      const messageIds = whose === 'dead' ? [deadId] : healthyIds
      const now = Date.now()
      const from = written
      written += count
      await runSql(storeUrl, insertSql({ from, count, now, messageIds, recordIds }))
      await stores.outbox.wake(messageIds, now)
    },
    settled: async () => {
      const waits = async () =>
        (await stores.outbox.lanes()).some(
          (lane) => lane.waitingCount > 0 && !lane.endpointUrl.endsWith('/dead'),
        )
      while (await waits()) await sleep(POLL_MS)
    },
  }
}

/** In SQL that both databases read. The ids are of the right form, but for their check characters. */
function insertSql(ask: {
  readonly from: number
  readonly count: number
  readonly now: number
  readonly messageIds: readonly RecordId[]
  readonly recordIds: readonly RecordId[]
}): string {
  const { from, count, now, messageIds, recordIds } = ask
  const values = (ids: readonly string[]) =>
    ids.map((id, index) => `(CAST(${index} AS BIGINT), '${id}')`).join(', ')
  return `WITH RECURSIVE serial(i) AS (
      SELECT CAST(${from} AS BIGINT) UNION ALL SELECT i + 1 FROM serial WHERE i + 1 < ${from + count}),
    message(k, id) AS (VALUES ${values(messageIds)}), record(k, id) AS (VALUES ${values(recordIds)})
    INSERT INTO notification (notification_id, outbound_message_id, object_name, record_id,
      rule_full_name, created_at, expires_at, lifetime_ms, due_at)
    SELECT '04l' || substr(CAST(1000000000000000 + serial.i AS TEXT), 2), message.id, '${OBJECT}', record.id,
      'bench', ${now}, ${now + LIFETIME_MS}, ${LIFETIME_MS}, ${now}
    FROM serial JOIN message ON message.k = serial.i % ${messageIds.length}
      JOIN record ON record.k = serial.i % ${recordIds.length}`
}
