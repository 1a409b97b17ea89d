import type { StoredDefinition } from '../../../org/definitions.ts'
import type { ObjectDefinition } from '../../../schema/object-definition.ts'
import { KEY_PREFIX, makeRecordId } from '../../../schema/record-id.ts'
import { type Dialect, defineOp, insert, type Op, oneRow, rows, run } from '../op.ts'
import { formerMessageId } from '../outbox/routes/route.ts'
import { takeSerials } from './serials.ts'
import { tableOf } from './tables/columns.ts'
import { defineTable } from './tables/table-definition.ts'

export type NewDefinition = Omit<StoredDefinition, 'id' | 'source'>

const ID_PREFIX: Record<StoredDefinition['kind'], string> = {
  object: KEY_PREFIX.customObject,
  rule: KEY_PREFIX.workflowRule,
  fieldUpdate: KEY_PREFIX.fieldUpdate,
  task: KEY_PREFIX.workflowTask,
  flow: KEY_PREFIX.flow,
  outboundMessage: KEY_PREFIX.outboundMessage,
  validationRule: KEY_PREFIX.validationRule,
  alert: KEY_PREFIX.emailAlert,
  emailTemplate: KEY_PREFIX.emailTemplate,
  profile: KEY_PREFIX.profile,
  permissionSet: KEY_PREFIX.permissionSet,
  labels: KEY_PREFIX.customLabel,
  settings: KEY_PREFIX.organization,
}

const BUILT_IN = 'built-in'

type Kept = { readonly id: string; readonly source: string; readonly body: string }

/** Makes the definitions of one source what is given; only what differs is written. */
export const replaceDefinitions = defineOp(
  'org.replaceDefinitions',
  function* (
    dialect,
    { source, definitions }: { source: string; definitions: readonly NewDefinition[] },
  ) {
    // One writer at a time: two processes that load definitions at once go one after the other.
    const version = yield* lockVersion(dialect)
    const kept = yield* readKept()
    const changed = []
    for (const [position, definition] of definitions.entries()) {
      const before = kept.get(nameOf(definition))
      // What is built in gives way to whoever extended it: the project's Account is Account and more.
      if (source === BUILT_IN && before && before.source !== BUILT_IN) continue
      const body = JSON.stringify(yield* withKeyPrefix(definition, before))
      if (before && before.body === body && before.source === source) continue
      changed.push({
        definition,
        position,
        body,
        id: before?.id ?? (yield* newId(definition)),
      })
    }
    const named = new Set(definitions.map(nameOf))
    const dropped = [...kept].filter(([name, each]) => each.source === source && !named.has(name))
    if (changed.length + dropped.length === 0) return version

    for (const [name] of dropped) yield* drop(name)
    for (const { definition } of changed) yield* drop(nameOf(definition))
    yield* insert({
      table: 'definition',
      columns: DEFINITION_COLUMNS,
      rows: changed.map(({ definition, position, body, id }) => [
        definition.kind,
        definition.key,
        id,
        source,
        position,
        body,
      ]),
      onConflict: 'fail',
      returning: 'id',
    })
    for (const { definition, body } of changed) {
      if (definition.kind !== 'object') continue
      yield* defineTable(dialect, tableOf(JSON.parse(body) as ObjectDefinition))
    }
    yield* run('UPDATE definition_version SET version = ?', version + 1)
    return version + 1
  },
)

const DEFINITION_COLUMNS = [
  { name: 'kind', type: 'text' },
  { name: 'key', type: 'text' },
  { name: 'id', type: 'text' },
  { name: 'source', type: 'text' },
  { name: 'position', type: 'bigint' },
  { name: 'body', type: 'text' },
] as const

function* lockVersion(dialect: Dialect): Op<number> {
  const row = yield* oneRow(`SELECT version FROM definition_version${dialect.forUpdate()}`)
  return Number(row?.['version'] ?? 0)
}

function* readKept(): Op<ReadonlyMap<string, Kept>> {
  const found = yield* rows('SELECT kind, key, id, source, body FROM definition')
  return new Map(
    found.map((row) => [
      `${row['kind']} ${row['key']}`,
      { id: String(row['id']), source: String(row['source']), body: String(row['body']) },
    ]),
  )
}

function nameOf({ kind, key }: { kind: string; key: string }): string {
  return `${kind} ${key}`
}

function* drop(name: string): Op<void> {
  const space = name.indexOf(' ')
  yield* run(
    'DELETE FROM definition WHERE kind = ? AND key = ?',
    name.slice(0, space),
    name.slice(space + 1),
  )
}

/** An outbound message that comes back under its name takes up what is owed to it still. */
function* newId({ kind, key }: NewDefinition): Op<string> {
  const former = kind === 'outboundMessage' ? yield* formerMessageId(key) : null
  if (former !== null) return former
  const prefix = ID_PREFIX[kind]
  return makeRecordId(prefix, yield* takeSerials(`id:${prefix}`, 1, 1))
}

/** A custom object keeps the three characters it was given first: a00, a01, … */
function* withKeyPrefix(
  definition: NewDefinition,
  before: Kept | undefined,
): Op<NewDefinition['body']> {
  if (definition.kind !== 'object') return definition.body
  const object = definition.body as ObjectDefinition
  if (object.keyPrefix !== null) return object
  const known = before ? (JSON.parse(before.body) as ObjectDefinition).keyPrefix : null
  return { ...object, keyPrefix: known ?? customKeyPrefix(yield* takeSerials('keyPrefix', 1, 0)) }
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function customKeyPrefix(serial: number): string {
  return `a${DIGITS.charAt(Math.floor(serial / 62) % 62)}${DIGITS.charAt(serial % 62)}`
}

/** All definitions, in the order of their files. */
export const readDefinitions = defineOp('org.readDefinitions', function* () {
  const version = yield* oneRow('SELECT version FROM definition_version')
  const found = yield* rows(
    'SELECT kind, key, id, source, body FROM definition ORDER BY kind, position, key',
  )
  const timed = yield* rows('SELECT object_name FROM timed_object')
  return {
    timedObjects: timed.map((row) => String(row['object_name'])),
    version: Number(version?.['version'] ?? 0),
    definitions: found.map((row) => ({
      kind: row['kind'],
      key: row['key'],
      id: row['id'],
      source: row['source'],
      body: JSON.parse(String(row['body'])) as unknown,
    })) as unknown as readonly StoredDefinition[],
  }
})
