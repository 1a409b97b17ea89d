import type { FieldValue, FieldValues } from '../../schema/field-value.ts'
import type { ObjectDefinition } from '../../schema/object-definition.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import { knownUser } from '../known-names.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { PendingDue } from '../time-queue/decide-due.ts'
import type { LeasedEntry } from '../time-queue/time-queue-store.ts'
import type { SaveError } from '../values/save-error.ts'
import type { IdPool } from './context/id-pool.ts'
import { type Missed, openSaveContext } from './context/open-save-context.ts'
import type { SaveContext } from './context/save-context.ts'
import { type Decision, decideSave } from './decide-save.ts'
import { type FoundForSave, openFinding } from './found-for-save.ts'
import { type ParsedEdit, parseEdit, type RecordKey } from './parse-edit.ts'
import { type PathsFrom, readPaths } from './read-paths.ts'
import { makesRecord, type PendingEdit } from './record/apply-edit.ts'
import { autoNumberFields, sequenceOf, writeAutoNumber } from './record/auto-number.ts'
import type { RecordEdit } from './record-edit.ts'

/** Ids and auto-numbers of new records, by the edit's place: kept when the save is decided again. */
export type Assigned = Map<number, { readonly newId: RecordId; readonly numbers: FieldValues }>

/** Everything a decision needs, read. */
export type Prepared = {
  readonly pending: readonly PendingEdit[]
  readonly due: readonly PendingDue[]
  readonly found: FoundForSave
  readonly context: SaveContext
  /** Edits that nothing can be made of, by place. */
  readonly errors: ReadonlyMap<number, readonly SaveError[]>
  readonly missed: Missed
}

/** What a save is to do: a client's edits, or entries of the time queue that are due. */
export type SaveWork = {
  readonly edits: readonly RecordEdit[]
  readonly due: readonly LeasedEntry[]
}

/** Definitions may change while a save is prepared; after so many times it goes on with what it has. */
const REFRESHES_MAX = 3
/** Paths of ten steps are the longest that Salesforce allows, and a save goes on over five records. */
const DECISIONS_MAX = 60

type Asked = {
  readonly userId: RecordId
  readonly refusals: ReadonlyMap<number, readonly SaveError[]>
  readonly assigned: Assigned
  readonly newIds: IdPool
}

/** Reads the edits against the newest definitions, and from the store what they touch, in one round trip. */
export async function prepareSave(
  org: Org,
  { edits, due: leased }: SaveWork,
  { userId, refusals, assigned, newIds }: Asked,
): Promise<Prepared> {
  for (let refreshCount = 0; ; refreshCount += 1) {
    const definitions = org.definitions()
    const { parsed, errors } = parseAll(definitions, edits, refusals)
    const found = openFinding(org.store, definitions)
    const due = leased.flatMap((each, index) =>
      refusals.has(index) ? [] : [{ index, leased: each }],
    )
    const dueIds = due.map((each) => each.leased.entry.recordId)
    const wanted = wantedBy(parsed, userId)
    await found.read({ keys: wanted.keys, ids: [...wanted.ids, ...dueIds], timedIds: dueIds })
    if (found.definitionsVersion() > definitions.version && refreshCount < REFRESHES_MAX) {
      await org.refresh(found.definitionsVersion())
      continue
    }
    await readPaths(found, [
      ...parsed.flatMap(({ edit }) => pathsFrom(edit, found, definitions)),
      ...dueIds
        .flatMap((id) => found.recordOf(id) ?? [])
        .map(({ fields, objectName }) => ({
          fields,
          paths: definitions.rules.pathsOf(objectName),
        })),
    ])
    const user = await knownUser(org, userId)
    const missed: Missed = { ids: new Set(), keys: new Map(), details: new Set(), newIds }
    const context = await openSaveContext(org, { definitions, user, found, missed })
    const pending = await assign(org, parsed, { found, context, assigned })
    return { pending, due, found, context, errors, missed }
  }
}

/** Decides, and again with what the rules turned out to look at, until nothing is missing. */
export async function decideFully({
  pending,
  due,
  found,
  context,
  missed,
}: Prepared): Promise<Decision> {
  for (let round = 1; ; round += 1) {
    missed.ids.clear()
    missed.keys.clear()
    missed.details.clear()
    missed.newIds.restart()
    const decision = decideSave(pending, found, context, due)
    const unread = missed.ids.size + missed.keys.size + missed.details.size
    if (unread === 0 && !missed.newIds.isShort()) return decision
    if (round === DECISIONS_MAX)
      throw new Error(`a save was decided ${round} times and still looks for more`)
    await found.read({ ids: missed.ids, keys: missed.keys.values(), details: missed.details })
    await missed.newIds.fill()
  }
}

type ParsedAt = { readonly index: number; readonly edit: ParsedEdit }

function parseAll(
  definitions: OrgDefinitions,
  edits: readonly RecordEdit[],
  refusals: ReadonlyMap<number, readonly SaveError[]>,
) {
  const parsed: ParsedAt[] = []
  const errors = new Map<number, readonly SaveError[]>()
  for (const [index, edit] of edits.entries()) {
    if (refusals.has(index)) continue
    const each = parseEdit(definitions, edit)
    if (each.kind === 'parsed') parsed.push({ index, edit: each.edit })
    else errors.set(index, each.errors)
  }
  return { parsed, errors }
}

/** The records themselves, what they will refer to, and who else might have their keys. */
function wantedBy(parsed: readonly ParsedAt[], userId: RecordId) {
  const ids = new Set<RecordId>([userId])
  const keys: RecordKey[] = []
  for (const { edit } of parsed) {
    if (edit.recordId !== null) ids.add(edit.recordId)
    if (edit.key) keys.push(edit.key)
    keys.push(...edit.parents.values(), ...uniqueKeys(edit))
    for (const id of referredIds(edit.object, edit.values)) ids.add(id)
  }
  return { ids, keys }
}

/** From the record as the edit will leave it, as far as that can be told before it is decided. */
function pathsFrom(
  edit: ParsedEdit,
  found: FoundForSave,
  definitions: OrgDefinitions,
): readonly PathsFrom[] {
  const { name } = edit.object
  const { rules, validation, flows } = definitions
  const paths = [rules, validation, flows].flatMap((each) => each.pathsOf(name))
  if (paths.length === 0 || edit.kind === 'delete') return []
  const before =
    edit.recordId !== null
      ? found.recordOf(edit.recordId)
      : edit.key
        ? found.holderOf(edit.key)
        : undefined
  const parents = [...edit.parents].map(([name, key]) => [
    name,
    found.holderOf(key)?.recordId ?? null,
  ])
  const fields = {
    ...before?.fields,
    ...Object.fromEntries(edit.values),
    ...Object.fromEntries(parents),
  }
  return [{ fields, paths }]
}

function uniqueKeys({ object, values }: ParsedEdit): readonly RecordKey[] {
  return object.fields.flatMap((field) => {
    const value = field.unique ? values.get(field.name) : undefined
    if (typeof value !== 'string') return []
    return [{ objectName: object.name, field: field.name, value }]
  })
}

function referredIds(
  object: ObjectDefinition,
  values: ReadonlyMap<string, FieldValue>,
): readonly RecordId[] {
  return object.fields.flatMap((field) => {
    const value = field.type === 'reference' ? values.get(field.name) : undefined
    const id = typeof value === 'string' ? tryRecordId(value) : null
    return id ? [id] : []
  })
}

async function assign(
  org: Org,
  parsed: readonly ParsedAt[],
  { found, context, assigned }: { found: FoundForSave; context: SaveContext; assigned: Assigned },
): Promise<readonly PendingEdit[]> {
  const making = parsed.filter(
    ({ index, edit }) => !assigned.has(index) && makesRecord(edit, found),
  )
  for (const [object, its] of Map.groupBy(making, ({ edit }) => edit.object)) {
    const { keyPrefix } = object
    if (keyPrefix === null) throw new Error(`${object.name} has no key prefix: the store gives one`)
    const ids = await org.serials.takeIds(keyPrefix, its.length)
    const numbers = await numbersFor(org, object, { count: its.length, context })
    for (const [place, { index }] of its.entries()) {
      const newId = ids[place]
      if (newId) assigned.set(index, { newId, numbers: numbers[place] ?? {} })
    }
  }
  return parsed.map(({ index, edit }) => {
    const { newId = null, numbers = {} } = assigned.get(index) ?? {}
    return { index, edit, newId, numbers }
  })
}

async function numbersFor(
  org: Org,
  object: ObjectDefinition,
  { count, context }: { count: number; context: SaveContext },
): Promise<readonly FieldValues[]> {
  const made: Record<string, FieldValue>[] = Array.from({ length: count }, () => ({}))
  for (const field of autoNumberFields(object)) {
    const { displayFormat = '{0}', startingNumber = 1 } = field
    const serials = await org.serials.takeNumbers(sequenceOf(object, field), count, startingNumber)
    const at = { now: context.now, timeZone: context.definitions.settings.timeZone }
    for (const [place, numbers] of made.entries()) {
      numbers[field.name] = writeAutoNumber(displayFormat, serials[place] ?? 0, at)
    }
  }
  return made
}
