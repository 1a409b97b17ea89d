import { KEY_PREFIX, makeRecordId, type RecordId } from '../../src/schema/record-id.ts'
import { messageId } from '../support/notifications.ts'
import { openAudit } from './audit.ts'
import type { Endpoint } from './endpoints.ts'
import { type Committed, type InProcessStore, openInProcessStore } from './in-process-store.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { type Network, openNetwork } from './network.ts'
import { openRandom } from './random.ts'
import { openRecords, type Records } from './records.ts'
import type { Plan } from './scenario.ts'
import { openSnapshots, type Snapshot } from './snapshot.ts'
import { openVirtualTime, type VirtualTime } from './virtual-time.ts'

/** All there is while a scenario runs. */
export type World = {
  readonly plan: Plan
  readonly time: VirtualTime
  readonly ledger: Ledger
  readonly records: Records
  readonly store: InProcessStore
  readonly network: Network
  /** By URL; the healthy one first. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly messageIds: readonly RecordId[]
  readonly snapshot: () => Snapshot
  /** What the definitions say now: where each message goes, and what holds it. Without an entry it is not defined. */
  readonly definitions: Map<RecordId, { endpointUrl: string; heldReason: string | null }>
  /** Called after each transaction. */
  onCommit: (committed: Committed) => void
  isDefined(messageId: RecordId): boolean
  nextId(prefix: 'record' | 'notification'): RecordId
}

/** The message that goes to the healthy endpoint, and to no other. */
export const HEALTHY_MESSAGE: RecordId = messageId(1)

/** Opens a world in which nothing has happened yet. */
export async function openWorld(plan: Plan): Promise<World> {
  const time = openVirtualTime()
  const ledger = openLedger(time)
  const records = openRecords(time)
  const endpoints = openEndpoints(plan)
  const urls = new Map<RecordId, { step: number; url: string }[]>()
  let audit: (committed: Committed) => void = () => {}
  const store = await openInProcessStore(time, (committed) => {
    audit(committed)
    noteRecords(store, records, committed)
    if (committed.op === 'outbox.route') noteUrls(urls, snapshot(), time.step())
    world.onCommit(committed)
  })
  const snapshot = openSnapshots(store.db)
  audit = openAudit(time, ledger, snapshot)
  const network = openNetwork({
    time,
    ledger,
    records,
    endpoints,
    snapshot,
    random: openRandom(plan.seed, 'network'),
    wentTo: (id, url, since) => {
      const history = urls.get(id) ?? []
      const end = (index: number) => history[index + 1]?.step ?? Number.POSITIVE_INFINITY
      return history.some((each, index) => each.url === url && end(index) >= since)
    },
  })
  const messageIds = Array.from({ length: plan.messageCount }, (_, index) => messageId(index + 1))
  const definitions: World['definitions'] = new Map()
  let serial = 0
  const world: World = {
    plan,
    time,
    ledger,
    records,
    store,
    network,
    endpoints,
    messageIds,
    snapshot,
    definitions,
    onCommit: () => {},
    isDefined: (id) => definitions.has(id),
    nextId: (prefix) => {
      serial += 1
      return makeRecordId(prefix === 'record' ? 'a00' : KEY_PREFIX.notification, serial)
    },
  }
  return world
}

function openEndpoints({ endpointCount }: Plan): ReadonlyMap<string, Endpoint> {
  const names = ['healthy', ...Array.from({ length: endpointCount }, (_, index) => `n${index + 1}`)]
  return new Map(
    names.map((name) => {
      const url = `https://${name}.example/listener`
      const isHealthy = name === 'healthy'
      return [url, { url, isHealthy, mood: 'acknowledges', poison: new Set<string>() }]
    }),
  )
}

/** Looks what a save made of the records that it names. */
function noteRecords(store: InProcessStore, records: Records, { op, ask }: Committed): void {
  if (op !== 'org.commit') return
  const { writes } = ask as { writes: readonly { table: string; rows: readonly RecordId[][] }[] }
  for (const { table, rows } of writes) {
    for (const [id] of rows) {
      if (id === undefined) continue
      const row = store.db
        .prepare(`SELECT name, "$deleted" AS gone FROM "${table}" WHERE id = ?`)
        .get(id)
      if (row) records.committed(id, row['gone'] === 1 ? null : String(row['name']))
    }
  }
}

function noteUrls(
  urls: Map<RecordId, { step: number; url: string }[]>,
  { messages, lanes }: Snapshot,
  step: number,
): void {
  for (const { outbound_message_id: id, lane_id } of messages.values()) {
    const url = lanes.get(lane_id)?.endpoint_url ?? ''
    const history = urls.get(id) ?? []
    if (history.at(-1)?.url !== url) history.push({ step, url })
    urls.set(id, history)
  }
}
