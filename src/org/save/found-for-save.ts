import { fieldOf } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { OrgStore, RecordAsk } from '../org-store.ts'
import { OrgRefusal } from '../refusal.ts'
import type { TimeEntry } from '../time-queue/time-entry.ts'
import type { RecordKey } from './parse-edit.ts'
import { foldKey } from './record/check-record.ts'

/** What a save has read: it grows by round trips, and is thrown away when the save is decided again. */
export type FoundForSave = {
  /** The record as committed, deleted ones among them; undefined when there is none, or none was asked for. */
  readonly recordOf: (id: RecordId) => OrgRecord | undefined
  /** Whether the id has been looked for, so that a missing record is one that is not there. */
  readonly hasAskedFor: (id: RecordId) => boolean
  readonly hasAskedForKey: (key: RecordKey) => boolean
  /** The record that has the key; deleted ones have none. */
  readonly holderOf: (key: RecordKey) => OrgRecord | undefined
  /** A master's living details as committed, with the asked fields alone; undefined when they were not asked for. */
  readonly detailsOf: (ask: DetailsAsk) => readonly OrgRecord[] | undefined
  /** What waited for the record in the time queue when it was read. */
  readonly entriesOf: (id: RecordId) => readonly TimeEntry[]
  /** The newest version of the definitions that a read has told of. */
  readonly definitionsVersion: () => number
  /** Reads what is not known yet of the given ids and keys, in one round trip or none. */
  readonly read: (wanted: Wanted) => Promise<void>
}

export type Wanted = {
  readonly ids?: Iterable<RecordId>
  readonly keys?: Iterable<RecordKey>
  /** Those of the ids whose time entries are wanted, whatever the definitions say of their objects. */
  readonly timedIds?: Iterable<RecordId>
  readonly details?: Iterable<DetailsAsk>
}

/** The details of one master by one of their reference fields. */
export type DetailsAsk = {
  readonly objectName: string
  readonly foreignKey: string
  readonly masterId: RecordId
  /** Null: all of them. */
  readonly fields: readonly string[] | null
}

/** Most details of one master that a save looks through. */
export const DETAILS_MAX = 100_000

/** Starts an empty finding over the store. */
export function openFinding(store: OrgStore, definitions: OrgDefinitions): FoundForSave {
  const records = new Map<RecordId, OrgRecord>()
  const askedIds = new Set<RecordId>()
  const askedKeys = new Set<string>()
  const holders = new Map<string, OrgRecord>()
  const details = new Map<string, readonly OrgRecord[]>()
  const entries = openEntries(store, definitions)
  let version = definitions.version

  const keep = (found: readonly OrgRecord[], keys: readonly RecordKey[]) => {
    for (const record of found) records.set(record.recordId, record)
    for (const key of keys) {
      const wanted = foldedKey(definitions, key, key.value)
      const holder = found.find(
        (each) =>
          each.objectName === key.objectName &&
          each.fields.IsDeleted !== true &&
          foldedKey(definitions, key, each.fields[key.field] ?? '') === wanted,
      )
      if (holder) holders.set(wanted, holder)
    }
  }

  return {
    recordOf: (id) => records.get(id),
    hasAskedFor: (id) => askedIds.has(id),
    hasAskedForKey: (key) => askedKeys.has(foldedKey(definitions, key, key.value)),
    holderOf: (key) => holders.get(foldedKey(definitions, key, key.value)),
    detailsOf: (ask) => details.get(detailsKey(ask)),
    entriesOf: entries.of,
    definitionsVersion: () => version,
    read: async ({ ids = [], keys = [], timedIds = [], details: asks = [] }) => {
      const found = await readDetails(store, [...asks])
      for (const [key, records] of found) details.set(key, records)
      // Those that are read whole may be written, as what goes with a deleted record.
      const whole = [...asks].filter(({ fields }) => fields === null)
      await entries.readOf(whole.flatMap((ask) => found.get(detailsKey(ask)) ?? []))
      const unasked = [...new Set(ids)].filter((id) => !askedIds.has(id))
      for (const id of unasked) askedIds.add(id)
      const newIds = unasked.filter((id) => definitions.objectOfId(id))
      const newKeys = [...keys].filter(
        (key) => !askedKeys.has(foldedKey(definitions, key, key.value)),
      )
      if (newIds.length === 0 && newKeys.length === 0) return
      for (const key of newKeys) askedKeys.add(foldedKey(definitions, key, key.value))
      const answer = await store.readRecords(
        [...asksForIds(definitions, newIds), ...asksForKeys(newKeys)],
        entries.toAskFor(newIds, new Set(timedIds)),
      )
      version = Math.max(version, answer.definitionsVersion)
      keep(answer.records, newKeys)
      entries.keep(answer.timeEntries)
      await entries.readOf(answer.records)
    },
  }
}

/** The time entries of the records that are read: with them, where the ids are known beforehand. */
function openEntries(store: OrgStore, { timers, objectOfId }: OrgDefinitions) {
  const asked = new Set<RecordId>()
  const entries = new Map<RecordId, TimeEntry[]>()
  const toAskFor = (ids: readonly RecordId[], always: ReadonlySet<RecordId> = new Set()) => {
    const isTimed = (id: RecordId) => always.has(id) || timers.isTimed(objectOfId(id)?.name ?? '')
    const timed = ids.filter((id) => !asked.has(id) && isTimed(id))
    for (const id of timed) asked.add(id)
    return timed
  }
  const keep = (found: readonly TimeEntry[]) => {
    for (const entry of found) {
      entries.set(entry.recordId, [...(entries.get(entry.recordId) ?? []), entry])
    }
  }
  return {
    of: (id: RecordId): readonly TimeEntry[] => entries.get(id) ?? [],
    toAskFor,
    keep,
    /** Of records that were found by a key. */
    readOf: async (records: readonly OrgRecord[]) => {
      const timed = toAskFor(records.map(({ recordId }) => recordId))
      if (timed.length > 0) keep((await store.readRecords([], timed)).timeEntries)
    },
  }
}

function detailsKey({ objectName, foreignKey, masterId, fields }: DetailsAsk): string {
  return `${objectName} ${foreignKey} ${masterId} ${fields?.join(',') ?? '*'}`
}

/** One round trip for each list of fields: what is read of a record depends on it. */
async function readDetails(
  store: OrgStore,
  asks: readonly DetailsAsk[],
): Promise<ReadonlyMap<string, readonly OrgRecord[]>> {
  const details = new Map<string, readonly OrgRecord[]>()
  for (const group of Map.groupBy(asks, ({ fields }) => fields?.join(',') ?? '*').values()) {
    const { records } = await store.readRecords(asksForDetails(group))
    if (records.length > DETAILS_MAX) throw tooManyDetails(group)
    for (const ask of group) {
      const its = records.filter(
        ({ objectName, fields }) =>
          objectName === ask.objectName && fields[ask.foreignKey] === ask.masterId,
      )
      const once = new Map(its.map((each) => [each.recordId, each]))
      details.set(detailsKey(ask), [...once.values()])
    }
  }
  return details
}

function asksForDetails(group: readonly DetailsAsk[]): readonly RecordAsk[] {
  const byField = Map.groupBy(group, (ask) => `${ask.objectName}.${ask.foreignKey}`)
  return [...byField.values()].flatMap((its) => {
    const [first] = its
    if (!first) return []
    const { objectName, foreignKey, fields } = first
    return [
      {
        kind: 'key',
        objectName,
        field: foreignKey,
        values: its.map(({ masterId }) => masterId),
        limit: DETAILS_MAX + 1,
        ...(fields ? { fields } : {}),
      },
    ]
  })
}

function tooManyDetails(group: readonly DetailsAsk[]): OrgRefusal {
  const objects = [...new Set(group.map(({ objectName }) => objectName))].join(', ')
  const message = `more than ${DETAILS_MAX} records of ${objects} would have to be looked through in this save`
  return new OrgRefusal('OPERATION_TOO_LARGE', message)
}

function asksForIds(definitions: OrgDefinitions, ids: readonly RecordId[]): readonly RecordAsk[] {
  const byObject = Map.groupBy(ids, (id) => definitions.objectOfId(id)?.name ?? '')
  return [...byObject].map(([objectName, its]) => ({
    kind: 'ids',
    objectName,
    ids: its,
    includeDeleted: true,
  }))
}

function asksForKeys(keys: readonly RecordKey[]): readonly RecordAsk[] {
  const byField = Map.groupBy(keys, (key) => `${key.objectName}.${key.field}`)
  return [...byField.values()].flatMap((its): readonly RecordAsk[] => {
    const [first] = its
    if (!first) return []
    const { objectName, field } = first
    const values = its.map(({ value }) => value)
    return [{ kind: 'key', objectName, field, values, firstOnly: true }]
  })
}

function foldedKey(definitions: OrgDefinitions, key: RecordKey, value: string | boolean): string {
  const object = definitions.objectOf(key.objectName)
  const field = object ? fieldOf(object, key.field) : undefined
  return `${key.objectName} ${key.field} ${field ? foldKey(field, value) : value}`
}
