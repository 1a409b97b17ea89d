import { fieldOf, type ObjectDefinition, referenceOf } from '../../../schema/object-definition.ts'
import type { OrgRecord } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import { quoted } from '../errors.ts'
import type { Expression } from '../expression.ts'
import { addPath, type Scope, warn } from '../scope.ts'
import { fieldExpression, type Locate, type LocatedField } from './fields.ts'
import { compileGlobal } from './globals.ts'
import { systemObject } from './system-objects.ts'

/** Most relationships in one path. Salesforce allows ten. */
const STEPS_MAX = 10

/** One step to a parent: its reference field on each object the step may start from. */
type Step = {
  readonly fieldByObject: ReadonlyMap<string, string>
  /** The parent's object where the formula names it, as in `Owner:User`. */
  readonly kind: readonly string[] | null
}

/**
 * Compiles a field, a path (`Account.Owner.Name`, `Owner:User.Email`) or a global. What the definitions
 * do not know is a warning and reads null.
 */
export function compileName(name: string, at: number, scope: Scope): Expression {
  const given = scope.names?.(name, at, scope)
  if (given !== undefined) return given
  if (name.startsWith('$')) return compileGlobal(name, at, scope)
  const located = locateField(name, at, scope)
  return located === null ? unknown(name, at, scope) : fieldExpression(located, scope)
}

/** Finds the field that a name or path leads to, and notes the way there; null when there is none. */
export function locateField(name: string, at: number, scope: Scope): LocatedField | null {
  const words = name.split('.')
  const fieldName = words.pop()!
  if (words.length > STEPS_MAX) return null
  if (words.length === 0) {
    const definition = fieldOf(scope.object, fieldName)
    return definition ? { object: scope.object, definition, locate: null, path: [], at } : null
  }
  const way = resolveSteps(words, scope)
  const found = way && fieldAmong(way.objects, fieldName)
  if (!way || !found) return null
  const path = way.steps.map((step) => [...step.fieldByObject.values()][0]!)
  addPath(scope, at, path)
  return { ...found, locate: locateBy(way.steps), path, at }
}

function unknown(name: string, at: number, scope: Scope): Expression {
  const message = `${scope.object.name} has no field ${quoted(name)}: it counts as blank`
  warn(scope, at, 'FORMULA_UNKNOWN_FIELD', message)
  return { type: 'Unknown', run: () => null }
}

function fieldAmong(objects: readonly ObjectDefinition[], fieldName: string) {
  for (const object of objects) {
    const definition = fieldOf(object, spelledOn(object, fieldName))
    if (definition !== undefined) return { object, definition }
  }
  return null
}

/** Formulas call the name of a queue, whose record is a Group, `QueueName`. */
function spelledOn(object: ObjectDefinition, fieldName: string): string {
  return object.name === 'Group' && /^queuename$/i.test(fieldName) ? 'Name' : fieldName
}

/** Follows relationship names; each step may end at several objects, as an owner does. */
function resolveSteps(words: readonly string[], scope: Scope) {
  let objects: readonly ObjectDefinition[] = [scope.object]
  const steps: Step[] = []
  for (const word of words) {
    const [relationship = '', kindName] = word.split(':')
    const kind = kindName === undefined ? null : kindsOf(kindName)
    const fieldByObject = new Map<string, string>()
    const targets = new Map<string, ObjectDefinition>()
    for (const object of objects) {
      const reference = referenceOf(object, relationship)
      if (reference === undefined) continue
      fieldByObject.set(object.name, reference.name)
      for (const target of kind ?? reference.referenceTo ?? []) {
        const found = objectNamed(target, scope)
        if (found !== undefined) targets.set(found.name, found)
      }
    }
    if (fieldByObject.size === 0) return null
    steps.push({ fieldByObject, kind })
    objects = [...targets.values()]
  }
  return { steps, objects }
}

/** A queue's record is a Group. */
function kindsOf(name: string): readonly string[] {
  return name.toLowerCase() === 'queue' ? ['Group', 'Queue'] : [name]
}

/** The object's definition; of the setup objects a small one of our own when the org defines none. */
export function objectNamed(name: string, scope: Scope): ObjectDefinition | undefined {
  return scope.objects(name) ?? systemObject(name)
}

function locateBy(steps: readonly Step[]): Locate {
  return (context) => {
    let record: OrgRecord | null = context.record
    for (const { fieldByObject, kind } of steps) {
      const fieldName = fieldByObject.get(record.objectName)
      if (fieldName === undefined) return null
      record = relatedRecord(context, record, fieldName)
      if (record === null) return null
      const { objectName } = record
      if (kind !== null && !kind.some((each) => each.toLowerCase() === objectName.toLowerCase())) {
        return null
      }
    }
    return record
  }
}

/** The record that a reference field of `record` points to, among those the caller has read. */
export function relatedRecord(
  context: Pick<EvaluationContext, 'related'>,
  record: OrgRecord,
  fieldName: string,
): OrgRecord | null {
  const id = record.fields[fieldName]
  // A reference field holds nothing but ids that were parsed when it was written.
  return typeof id === 'string' && id !== '' ? (context.related(id as RecordId) ?? null) : null
}
