import type { FieldValue } from '../../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition, referenceOf } from '../../../schema/object-definition.ts'
import { tryRecordId } from '../../../schema/record-id.ts'
import type { FlowConditions, FlowElement } from '../flow-definition.ts'
import { refuseFlow } from '../flow-error.ts'
import type { FlowScope } from '../flow-scope.ts'
import { type CompiledConditions, compileConditions } from '../values/flow-conditions.ts'
import { compileFlowValue, compileReference, shown } from '../values/flow-values.ts'
import { type FieldWriter, fieldWriter } from '../values/written-field.ts'
import { type FlowNode, type Interview, setRecordField } from './interview.ts'

type RecordUpdate = Extract<FlowElement, { kind: 'recordUpdate' }>
type UpdateScope = FlowScope & { readonly isBeforeSave: boolean }

/** The record that an update writes to: `$Record`, or a parent with the relationships that lead there. */
type Target =
  | { readonly kind: 'own'; readonly filters: FlowConditions }
  | {
      readonly kind: 'parent'
      readonly object: ObjectDefinition
      readonly path: string
      readonly filters: FlowConditions
    }

type FieldWrite = {
  readonly name: string
  readonly write: FieldWriter
  readonly isSecret: boolean
}

/** Compiles an update of `$Record` or of one of its parents. Throws FlowError for any other. */
export function compileRecordUpdate(update: RecordUpdate, scope: UpdateScope): FlowNode {
  const target = targetOf(update, scope)
  if (target.kind === 'parent' && scope.isBeforeSave) {
    refuseFlow('a flow before the save changes no other record')
  }
  const object = target.kind === 'own' ? scope.object : target.object
  const writes = update.items.map(({ to, value }): FieldWrite => {
    const field = fieldOf(object, to)
    if (field === undefined) return refuseFlow(`${object.name} has no field ${shown(to)}`)
    const expression = compileFlowValue(value, scope)
    return {
      name: field.name,
      write: fieldWriter(field, expression, `${object.name}.${field.name}`),
      isSecret: field.secret === true || scope.secrets.has(expression),
    }
  })
  const prefix = target.kind === 'own' ? '$Record' : `$Record.${target.path}`
  const leftOf = (name: string) => compileReference(`${prefix}.${name}`, scope)
  const conditions = compileConditions(target.filters, leftOf, scope)
  return target.kind === 'own'
    ? ownUpdate(update, { writes, conditions, isBeforeSave: scope.isBeforeSave })
    : parentUpdate(update, target, { writes, conditions, scope })
}

function ownUpdate(
  { name, next, items }: RecordUpdate,
  {
    writes,
    conditions,
    isBeforeSave,
  }: {
    readonly writes: readonly FieldWrite[]
    readonly conditions: CompiledConditions
    readonly isBeforeSave: boolean
  },
): FlowNode {
  return (interview) => {
    if (isMissed(interview, name, conditions)) return next
    if (items.length === 0 && !isBeforeSave) saveAssigned(interview, name)
    for (const { name: field, value, seen } of valuesOf(writes, interview)) {
      setRecordField(interview, { name: field, value, isSaved: true })
      const shownName = `$Record.${field}`
      interview.steps?.push({ kind: 'set', element: name, target: shownName, value: seen })
    }
    return next
  }
}

/** Without fields of its own, an update saves `$Record` as assignments have left it. */
function saveAssigned(interview: Interview, element: string): void {
  for (const field of interview.assigned) {
    interview.saved[field] = interview.context.record.fields[field] ?? null
    interview.steps?.push({ kind: 'action', element, action: `save $Record.${field} as assigned` })
  }
  interview.assigned.clear()
}

function parentUpdate(
  { name, next }: RecordUpdate,
  target: Extract<Target, { kind: 'parent' }>,
  {
    writes,
    conditions,
    scope,
  }: {
    readonly writes: readonly FieldWrite[]
    readonly conditions: CompiledConditions
    readonly scope: UpdateScope
  },
): FlowNode {
  if (writes.length === 0) refuseFlow('an update of a parent needs fields to set')
  const id = compileReference(`$Record.${target.path}.Id`, scope)
  return (interview) => {
    const text = id.run(interview.context)
    const recordId = typeof text === 'string' ? tryRecordId(text) : null
    if (recordId === null) {
      interview.steps?.push({ kind: 'skipped', element: name, reason: 'there is no parent' })
      return next
    }
    if (isMissed(interview, name, conditions)) return next
    const fields: Record<string, FieldValue> = {}
    for (const { name: field, value, seen } of valuesOf(writes, interview)) {
      fields[field] = value
      const shownName = `${target.object.name}.${field}`
      interview.steps?.push({ kind: 'set', element: name, target: shownName, value: seen })
    }
    interview.parentUpdates.push({ recordId, fields })
    return next
  }
}

function isMissed(interview: Interview, element: string, conditions: CompiledConditions): boolean {
  if (conditions.hold(interview.context)) return false
  interview.steps?.push({
    kind: 'skipped',
    element,
    reason: 'the record does not meet its filters',
  })
  return true
}

/** All values are computed before the first is set. */
function valuesOf(writes: readonly FieldWrite[], { context }: Interview) {
  return writes.map(({ name, write, isSecret }) => {
    const value = write(context)
    return { name, value, seen: isSecret ? '*****' : value }
  })
}

function targetOf(update: RecordUpdate, scope: UpdateScope): Target {
  const { target, filters } = update
  if (target.kind === 'object') return targetByFilters(target.objectName, filters, scope)
  const [first = '', ...words] = target.name.split('.')
  if (first.toLowerCase() !== '$record') {
    return refuseFlow(
      `an update of ${shown(target.name)}: only $Record and its parents are updated here`,
    )
  }
  if (words.length === 0) return { kind: 'own', filters }
  return { kind: 'parent', ...parentAt(words, scope), filters }
}

/** One step for each relationship's name; what may lead to several objects is refused. */
function parentAt(words: readonly string[], scope: UpdateScope) {
  let { object } = scope
  for (const word of words) {
    const field = referenceOf(object, word)
    const [targetName, ...others] = field?.referenceTo ?? []
    const parent = targetName === undefined ? undefined : scope.objects(targetName)
    if (parent === undefined || others.length > 0) {
      return refuseFlow(
        `${shown(word)} leads from ${object.name} to no object that is known for sure`,
      )
    }
    object = parent
  }
  return { object, path: words.join('.') }
}

/** Records of an object by their filters: only the one that `Id EqualTo` a field of `$Record` names. */
function targetByFilters(objectName: string, filters: FlowConditions, scope: UpdateScope): Target {
  const index = filters.conditions.findIndex(
    ({ left, operator, right }) =>
      left.toLowerCase() === 'id' && operator === 'EqualTo' && right.kind === 'reference',
  )
  const found = filters.conditions[index]
  const isAnd = (filters.logic ?? 'and').trim().toLowerCase() === 'and'
  const path = found?.right.kind === 'reference' && isAnd ? pathTo(found.right.name, scope) : null
  if (path === null) {
    return refuseFlow(
      `an update of ${objectName} by filters: only $Record and its parents, by Id, are updated here`,
    )
  }
  const rest = {
    logic: 'and',
    conditions: filters.conditions.filter((_, place) => place !== index),
  }
  const parent = parentAt(path, scope)
  if (parent.object.name.toLowerCase() !== objectName.toLowerCase()) {
    return refuseFlow(`an update of ${objectName} by an Id of ${parent.object.name}`)
  }
  if (path.length === 0) return { kind: 'own', filters: rest }
  return { kind: 'parent', ...parent, filters: rest }
}

/** The relationships that lead to what `$Record.AccountId` or `$Record.Account.Id` names. */
function pathTo(reference: string, scope: UpdateScope): readonly string[] | null {
  const [first = '', ...words] = reference.split('.')
  const last = words.pop()
  if (first.toLowerCase() !== '$record' || last === undefined) return null
  if (last.toLowerCase() === 'id') return words
  const { object } = parentAt(words, scope)
  const relationship = fieldOf(object, last)?.relationshipName
  return relationship === undefined ? null : [...words, relationship]
}
