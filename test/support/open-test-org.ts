import type { TestContext } from 'node:test'
import type { Clock, Instant } from '../../src/base/clock.ts'
import { type Log, type LogFields, silentLog } from '../../src/base/log.ts'
import type { StoredDefinition } from '../../src/org/definitions.ts'
import { firstUserId, foundOrg } from '../../src/org/founding/found-org.ts'
import { type Org, openOrg } from '../../src/org/open-org.ts'
import type { RecordEdit, SaveResult } from '../../src/org/save/record-edit.ts'
import { rawFields } from '../../src/org/save/record-edit.ts'
import { saveRecords } from '../../src/org/save/save-records.ts'
import type { DecidedSave } from '../../src/org/trace/trace-save.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import { quickHash } from './quick-password.ts'
import { type OpenedStores, type StoreUnderTest, storesUnderTest } from './stores.ts'

/** 2026-03-02 10:00 UTC, a Monday. */
export const MORNING: Instant = Date.UTC(2026, 2, 2, 10)

export type TestOrg = {
  readonly org: Org
  readonly stores: OpenedStores
  readonly adminId: RecordId
  /** Both of the org's clocks; move it by assigning. */
  readonly clock: Clock & { at: Instant }
  /** Outbound messages that the sender was woken for. */
  readonly woken: RecordId[]
  readonly told: { readonly event: string; readonly fields: LogFields }[]
  /** Saves that are over, each with what it was decided by. */
  readonly decided: DecidedSave[]
  /** Creates a record as the admin; throws when it is refused. */
  create(objectName: string, fields: object): Promise<RecordId>
  save(edits: readonly RecordEdit[], allOrNone?: boolean): Promise<readonly SaveResult[]>
}

/** The admin's password. */
export const PASSWORD = 'correct horse'

export type TestDefinitions = readonly Omit<StoredDefinition, 'id' | 'source'>[]

/** SQLite: the store that tests of the org use where both behave alike. */
export function embeddedStore(): StoreUnderTest {
  const [sqlite] = storesUnderTest()
  if (!sqlite) throw new Error('no store to test with')
  return sqlite
}

/** A fresh org over a real store, with the definitions of a project and an admin. */
export async function openTestOrg(
  t: TestContext,
  {
    definitions = [],
    store = embeddedStore(),
  }: { definitions?: TestDefinitions; store?: StoreUnderTest } = {},
): Promise<TestOrg> {
  const stores = await store.open(t)
  const clock = movableClock()
  const firstUser = { username: 'admin@example.com', password: PASSWORD }
  await stores.org.writePasswordHash(firstUserId(), quickHash(PASSWORD))
  const { userId: adminId } = await foundOrg({ store: stores.org, clock }, { firstUser })
  await stores.org.replaceDefinitions('project', definitions)
  const woken: RecordId[] = []
  const decided: DecidedSave[] = []
  const told: TestOrg['told'] = []
  const org = await openOrg({
    store: stores.org,
    clock,
    log: listeningLog(told),
    onQueued: (ids) => woken.push(...ids),
    onDecided: (save) => decided.push(save),
  })
  const save: TestOrg['save'] = (edits, allOrNone = false) =>
    saveRecords(org, edits, { userId: adminId, allOrNone })
  const create: TestOrg['create'] = async (objectName, fields) => {
    const [result] = await save([{ kind: 'create', objectName, fields: rawFields(fields) }])
    if (result?.kind === 'saved') return result.recordId
    throw new Error(`${objectName} was refused: ${JSON.stringify(result)}`)
  }
  return { org, stores, adminId, clock, woken, told, decided, create, save }
}

function movableClock(): TestOrg['clock'] {
  return {
    at: MORNING,
    now() {
      return this.at
    },
    real() {
      return this.at
    },
  }
}

function listeningLog(told: TestOrg['told']): Log {
  const listen = (event: string, fields: LogFields = {}) => void told.push({ event, fields })
  return { ...silentLog, info: listen, warn: listen, error: listen }
}
