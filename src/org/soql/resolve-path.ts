import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
  referenceOf,
} from '../../schema/object-definition.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { Permissions } from '../people/permissions.ts'
import type { FieldPath } from '../select.ts'
import { malformed, noSuchColumn, noSuchRelationship } from './soql-error.ts'

/** What the names of one query are looked up in. */
export type NameScope = {
  readonly soql: string
  readonly definitions: OrgDefinitions
  readonly permissions: Permissions
  readonly object: ObjectDefinition
  /** As in `FROM Account a`. */
  readonly alias: string | null
}

/** One object that a path can end at: an owner is a user or a queue. */
export type Place = { readonly object: ObjectDefinition; readonly hops: FieldPath['hops'] }

/** A field of a path, once for every object the path can end at and that has it. */
export type Target = Place & { readonly field: FieldDefinition }

/** Salesforce's limit. */
const HOPS_MAX = 5

/** The steps of a written path, without the alias or the object's own name before them. */
export function stepsOf(scope: NameScope, written: string): readonly string[] {
  const steps = written.split('.').map((each) => each.trim())
  const first = steps[0]?.toLowerCase()
  const isOwnName =
    first === scope.alias?.toLowerCase() ||
    (first === scope.object.name.toLowerCase() && !referenceOf(scope.object, first))
  return steps.length > 1 && isOwnName ? steps.slice(1) : steps
}

/** The places a relationship leads to from any of `places`. Throws INVALID_FIELD when there is none. */
export function follow(
  scope: NameScope,
  places: readonly Place[],
  written: string,
  step: string,
): readonly Place[] {
  const reached = places.flatMap(({ object, hops }) => {
    const field = referenceOf(object, step)
    if (!field || !scope.permissions.mayRead(object.name, field.name)) return []
    return (field.referenceTo ?? []).flatMap((name) => {
      const target = scope.definitions.objectOf(name)
      return target
        ? [{ object: target, hops: [...hops, { field: field.name, objectName: target.name }] }]
        : []
    })
  })
  if (reached.length === 0) throw noSuchRelationship(scope.soql, written, step)
  if (reached.some((each) => each.hops.length > HOPS_MAX)) {
    throw malformed(scope.soql, written, `relationships in a path are limited to ${HOPS_MAX}`)
  }
  return reached
}

/** The field at each of the places that has it and may show it. Throws INVALID_FIELD when none has. */
export function fieldsAt(
  scope: NameScope,
  places: readonly Place[],
  name: string,
  written: string,
): readonly Target[] {
  const targets = places.flatMap((place) => {
    const field = fieldOf(place.object, name)
    const isReadable = field && scope.permissions.mayRead(place.object.name, field.name)
    return field && isReadable ? [{ ...place, field }] : []
  })
  if (targets.length > 0) return targets
  const entity = places.length === 1 ? (places[0]?.object.name ?? '') : 'Name'
  throw noSuchColumn(scope.soql, written.includes('.') ? written : name, entity)
}

/** Every field that a written path can mean: at least one. */
export function resolvePath(scope: NameScope, written: string): readonly Target[] {
  const steps = stepsOf(scope, written)
  let places: readonly Place[] = [{ object: scope.object, hops: [] }]
  for (const step of steps.slice(0, -1)) places = follow(scope, places, written, step)
  return fieldsAt(scope, places, steps.at(-1) ?? '', written)
}

export function pathOf({ hops, field }: Target): FieldPath {
  return { hops, field: field.name }
}
