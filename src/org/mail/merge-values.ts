import type { MergeAsk } from '../../mail/mail-org.ts'
import type { MergeType, MergeValue } from '../../mail/template/merge-value.ts'
import { type CompiledFormula, compileFormula } from '../../rules/formula/compile-formula.ts'
import { FormulaRuntimeError } from '../../rules/formula/errors.ts'
import type { FormulaFieldCache } from '../../rules/formula/scope.ts'
import { multiply, toNum, writeNum } from '../../rules/formula/values/number.ts'
import type { FieldValue } from '../../schema/field-value.ts'
import type { FieldDefinition, ObjectDefinition } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { type RecordId, shortId } from '../../schema/record-id.ts'
import { type EvaluationBase, openEvaluation, standingRecord } from '../formulas/evaluation-base.ts'
import { firstUserId } from '../founding/found-org.ts'
import { knownUser } from '../known-names.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import { openFinding } from '../save/found-for-save.ts'
import { readPaths } from '../save/read-paths.ts'
import { type MergeReading, readMergeExpression } from './merge-names.ts'

type Compiled = {
  readonly expression: string
  readonly reading: MergeReading
  readonly formula: CompiledFormula | null
}

/** What stands instead of a value that is kept secret, as at Salesforce for encrypted fields. */
const MASK = '********'

/** Computes the merge fields of a template for a record as it stands. Records are read before, in few round trips. */
export async function mergeValues(
  org: Org,
  { record, userId, receiver, expressions }: MergeAsk,
  links: { readonly instanceUrl: string },
): Promise<ReadonlyMap<string, MergeValue>> {
  const definitions = await org.latest()
  const compiled = expressions.map((expression) =>
    compileExpression(expression, { definitions, record, receiver }),
  )
  const base = await readFor(org, { definitions, userId, record, receiver, compiled })
  const context = { record, receiver, base, ...links, organizationId: org.organizationId }
  return new Map(compiled.map((each) => [each.expression, mergeValueOf(each, context)]))
}

/** Kept for one version of the definitions: a template is merged many times. */
const caches = new WeakMap<OrgDefinitions, Map<string, Compiled>>()
const formulaFieldCaches = new WeakMap<OrgDefinitions, FormulaFieldCache>()
/** More than all templates of an org have. */
const COMPILED_MAX = 10_000

function compileExpression(
  expression: string,
  at: {
    readonly definitions: OrgDefinitions
    readonly record: OrgRecord
    readonly receiver: OrgRecord | null
  },
): Compiled {
  const { definitions, record, receiver } = at
  const cache = caches.get(definitions) ?? new Map<string, Compiled>()
  caches.set(definitions, cache)
  const key = `${record.objectName} ${receiver?.objectName ?? ''} ${expression}`
  const known = cache.get(key)
  if (known) return known
  if (cache.size >= COMPILED_MAX) cache.clear()
  const made = compile(expression, {
    objects: definitions.objectOf,
    object: definitions.objectOf(record.objectName),
    receiver: receiver ? (definitions.objectOf(receiver.objectName) ?? null) : null,
    formulaFields: formulaFieldsOf(definitions),
  })
  cache.set(key, made)
  return made
}

function formulaFieldsOf(definitions: OrgDefinitions): FormulaFieldCache {
  const known = formulaFieldCaches.get(definitions) ?? new Map()
  formulaFieldCaches.set(definitions, known)
  return known
}

type Scope = {
  readonly object: ObjectDefinition | undefined
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly receiver: ObjectDefinition | null
  readonly formulaFields: FormulaFieldCache
}

function compile(expression: string, { object, ...scope }: Scope): Compiled {
  const unknown = (reason: string): Compiled => {
    return { expression, reading: { kind: 'unknown', reason }, formula: null }
  }
  if (!object) return unknown('the object is gone from the org')
  const reading = readMergeExpression(expression, { ...scope, object })
  if (reading.kind !== 'formula') return { expression, reading, formula: null }
  const { objects, receiver, formulaFields } = scope
  const formula = compileFormula(reading.text, {
    object: reading.of === 'receiver' ? (receiver ?? object) : object,
    objects,
    blanks: 'asNull',
    formulaFields,
  })
  if (formula.kind === 'broken') return unknown(formula.error.message)
  const [warning] = formula.warnings
  return warning && formula.type === 'Unknown'
    ? unknown(warning.message)
    : { expression, reading, formula }
}

/** Reads what the formulas look at, once for the record and once for who gets it. */
async function readFor(
  org: Org,
  at: {
    readonly definitions: OrgDefinitions
    readonly userId: RecordId
    readonly record: OrgRecord
    readonly receiver: OrgRecord | null
    readonly compiled: readonly Compiled[]
  },
): Promise<EvaluationBase> {
  const { definitions, userId, record, receiver, compiled } = at
  const found = openFinding(org.store, definitions)
  const pathsOf = (of: 'record' | 'receiver') =>
    compiled.flatMap(({ reading, formula }) =>
      reading.kind === 'formula' && reading.of === of ? (formula?.paths ?? []) : [],
    )
  await readPaths(found, [
    { fields: record.fields, paths: pathsOf('record') },
    ...(receiver ? [{ fields: receiver.fields, paths: pathsOf('receiver') }] : []),
  ])
  const related = (id: RecordId) => {
    const parent = found.recordOf(id)
    return parent?.fields.IsDeleted === true ? undefined : parent
  }
  // Whoever saved the record may be gone by now: then it is as the org's first user sees it.
  const user = (await org.users.userOf(userId)) ?? (await knownUser(org, firstUserId()))
  return openEvaluation(org, { definitions, user, now: org.clock.now(), related })
}

type Context = {
  readonly record: OrgRecord
  readonly receiver: OrgRecord | null
  readonly base: EvaluationBase
  readonly instanceUrl: string
  readonly organizationId: RecordId
}

function mergeValueOf({ reading, formula }: Compiled, context: Context): MergeValue {
  const { record } = context
  switch (reading.kind) {
    case 'unknown':
      return { kind: 'unknown', reason: reading.reason }
    case 'link':
      return text(`${context.instanceUrl}/${shortId(record.recordId)}`)
    case 'thread':
      return text(`ref:!${shortId(context.organizationId)}.!${shortId(record.recordId)}:ref`)
    case 'formula':
      if (formula?.readsSecret) return text(MASK)
      return formula ? formulaMerge(formula, reading, context) : text(null)
  }
}

function text(value: FieldValue): MergeValue {
  return { kind: 'value', type: 'text', value, scale: null }
}

function formulaMerge(
  formula: CompiledFormula,
  { of, field }: { readonly of: 'record' | 'receiver'; readonly field: FieldDefinition | null },
  { record, receiver, base }: Context,
): MergeValue {
  const located = of === 'receiver' ? receiver : record
  if (located === null) return text(null)
  try {
    const value = formula.evaluate(standingRecord(base, located))
    return field === null ? ofExpression(formula, value) : ofField(field, value)
  } catch (error) {
    // A formula without a result, as 1/0: there is nothing to show.
    if (error instanceof FormulaRuntimeError) return { kind: 'unknown', reason: error.message }
    throw error
  }
}

/** An expression has no field to say how many digits it shows: its number is written as it is. */
function ofExpression({ type }: CompiledFormula, value: FieldValue): MergeValue {
  switch (type) {
    case 'Boolean':
      return { kind: 'value', type: 'boolean', value, scale: null }
    case 'Date':
      return { kind: 'value', type: 'date', value, scale: null }
    case 'DateTime':
      return { kind: 'value', type: 'datetime', value, scale: null }
    case 'Time':
      return { kind: 'value', type: 'time', value, scale: null }
    default:
      return text(value)
  }
}

const MERGE_TYPES: ReadonlyMap<string, MergeType> = new Map<string, MergeType>([
  ['int', 'number'],
  ['double', 'number'],
  ['currency', 'currency'],
  ['percent', 'percent'],
  ['boolean', 'boolean'],
  ['date', 'date'],
  ['datetime', 'datetime'],
  ['time', 'time'],
])

function ofField(field: FieldDefinition, value: FieldValue): MergeValue {
  if (field.picklist && typeof value === 'string') return text(labelsOf(field, value))
  const type = MERGE_TYPES.get(field.type) ?? 'text'
  // Formulas compute with 0.5 what a percent field shows as 50.
  const shown =
    type === 'percent' && typeof value === 'string' ? writeNum(multiply(toNum(value), 100)) : value
  return { kind: 'value', type, value: shown, scale: field.scale ?? null }
}

/** Picklists show their labels, and several of them with semicolons between. */
function labelsOf({ picklist = [] }: FieldDefinition, value: string): string {
  const labelOf = (each: string) => picklist.find((known) => known.value === each)?.label ?? each
  return value.split(';').map(labelOf).join('; ')
}
