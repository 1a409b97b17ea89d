import type { FieldType as ParsedField, Query } from '@jetstreamapp/soql-parser-js'
import {
  type FieldDefinition,
  type ObjectDefinition,
  referenceOf,
} from '../../schema/object-definition.ts'
import { isStored } from '../../schema/stored-fields.ts'
import type { FieldPath } from '../select.ts'
import { fieldsAt, follow, type NameScope, type Place, stepsOf } from './resolve-path.ts'
import { malformed, soqlError, unsupported } from './soql-error.ts'

/** A place with where its Id stands in the rows. */
export type OutputPlace = Place & { readonly idIndex: number }

/** What answers a field at one place: a value of the row, a formula to compute, or nothing. */
export type OutputSource =
  | { readonly kind: 'row'; readonly index: number }
  | { readonly kind: 'formula'; readonly field: FieldDefinition }
  | null

export type OutputField = {
  readonly kind: 'field'
  readonly field: FieldDefinition
  /** In the order of the branch's places. */
  readonly sources: readonly OutputSource[]
}

/** The record itself, or a parent: of an owner's two places one is there. */
export type OutputBranch = {
  readonly kind: 'branch'
  readonly name: string
  readonly places: readonly OutputPlace[]
  readonly fields: (OutputField | OutputBranch)[]
}

/** What a query selects: the shape of its records, and what the store must read for it. */
export type SelectList = { readonly root: OutputBranch; readonly paths: readonly FieldPath[] }

/** Salesforce's limit for FIELDS(ALL) and FIELDS(CUSTOM). */
const FIELDS_LIMIT_MAX = 200

/** Resolves the fields of a query into a tree of records. Throws SoqlError. */
export function compileSelectList(scope: NameScope, query: Query): SelectList {
  const columns = openColumns()
  const branchAt = (name: string, places: readonly Place[]): OutputBranch => ({
    kind: 'branch',
    name,
    places: places.map((place) => ({
      ...place,
      idIndex: columns.indexOf({ hops: place.hops, field: 'Id' }),
    })),
    fields: [],
  })
  const root = branchAt(scope.object.name, [{ object: scope.object, hops: [] }])
  for (const written of query.fields?.flatMap((each) => writtenNames(scope, query, each)) ?? []) {
    const steps = stepsOf(scope, written)
    let branch = root
    for (const step of steps.slice(0, -1)) {
      const name = relationshipName(branch.places, step)
      const known = branch.fields.find((each) => each.kind === 'branch' && each.name === name)
      if (known?.kind === 'branch') branch = known
      else {
        const next = branchAt(name, follow(scope, branch.places, written, step))
        branch.fields.push(next)
        branch = next
      }
    }
    addField(scope, branch, { written, name: steps.at(-1) ?? '' }, columns)
  }
  return { root, paths: columns.paths }
}

type Columns = { indexOf(path: FieldPath): number; readonly paths: readonly FieldPath[] }

/** Each path is read once, however often it is selected. */
function openColumns(): Columns {
  const paths: FieldPath[] = []
  const known = new Map<string, number>()
  return {
    paths,
    indexOf: (path) => {
      const key = JSON.stringify(path)
      const index = known.get(key) ?? paths.push(path) - 1
      known.set(key, index)
      return index
    },
  }
}

function addField(
  scope: NameScope,
  branch: OutputBranch,
  { written, name }: { written: string; name: string },
  columns: Columns,
): void {
  const targets = fieldsAt(scope, branch.places, name, written)
  const [first] = targets
  if (
    !first ||
    branch.fields.some((each) => each.kind === 'field' && each.field.name === first.field.name)
  )
    return
  const sources = branch.places.map((place): OutputSource => {
    const target = targets.find((each) => each.object === place.object)
    if (!target) return null
    if (target.field.formula !== undefined) return { kind: 'formula', field: target.field }
    if (!isStored(target.field)) {
      const message = `${target.field.name} is a ${target.field.type} field, which queries do not answer here: select its parts`
      throw soqlError(scope.soql, 'INVALID_FIELD', written, message)
    }
    return { kind: 'row', index: columns.indexOf({ hops: place.hops, field: target.field.name }) }
  })
  branch.fields.push({ kind: 'field', field: first.field, sources })
}

function relationshipName(places: readonly Place[], step: string): string {
  for (const { object } of places) {
    const name = referenceOf(object, step)?.relationshipName
    if (name) return name
  }
  return step
}

/** The paths that an entry of the select list stands for. */
function writtenNames(scope: NameScope, query: Query, entry: ParsedField): readonly string[] {
  const { soql } = scope
  switch (entry.type) {
    case 'Field':
    case 'FieldRelationship': {
      if ('alias' in entry && entry.alias) {
        throw malformed(soql, entry.alias, 'only aggregate expressions use field aliasing')
      }
      const path = entry.type === 'Field' ? [entry.field] : [...entry.relationships, entry.field]
      const prefix = 'objectPrefix' in entry ? [entry.objectPrefix] : []
      return [[...prefix, ...path].join('.')]
    }
    case 'FieldFunctionExpression': {
      const name = entry.functionName.toUpperCase()
      if (name === 'FIELDS') return allFields(scope, query, String(entry.parameters[0] ?? ''))
      throw unsupported(
        soql,
        entry.functionName,
        `${entry.rawValue ?? entry.functionName} in SELECT`,
      )
    }
    case 'FieldSubquery':
      throw unsupported(
        soql,
        entry.subquery.relationshipName,
        'a subquery of child records in SELECT',
      )
    default:
      throw unsupported(soql, 'TYPEOF', 'TYPEOF')
  }
}

function allFields(scope: NameScope, query: Query, which: string): readonly string[] {
  const { object, permissions, soql } = scope
  const wanted = which.toUpperCase()
  if (!['ALL', 'STANDARD', 'CUSTOM'].includes(wanted))
    throw malformed(soql, 'FIELDS', 'FIELDS takes ALL, STANDARD or CUSTOM')
  if (wanted !== 'STANDARD' && (query.limit ?? FIELDS_LIMIT_MAX + 1) > FIELDS_LIMIT_MAX) {
    throw malformed(
      soql,
      'FIELDS',
      `The SOQL FIELDS function must have a LIMIT of at most ${FIELDS_LIMIT_MAX}`,
    )
  }
  return readableFields(object)
    .filter((field) => permissions.mayRead(object.name, field.name))
    .filter((field) => wanted === 'ALL' || field.name.endsWith('__c') === (wanted === 'CUSTOM'))
    .map((field) => field.name)
}

/** Fields that records and queries answer: all but the compounds. */
export function readableFields(object: ObjectDefinition): readonly FieldDefinition[] {
  return object.fields.filter((field) => isStored(field) || field.formula !== undefined)
}
