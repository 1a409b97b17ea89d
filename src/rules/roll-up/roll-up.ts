import { Decimal } from 'decimal.js'
import { isNumberType } from '../../schema/field-value.ts'
import type { FieldDefinition, Summary } from '../../schema/object-definition.ts'

/** What a detail brings into a roll-up: undefined where it does not count, null where its field is blank. */
export type Contribution = string | null | undefined

/** One detail before and after a save; undefined on the side where it is not this master's. */
export type DetailChange = { readonly before: Contribution; readonly after: Contribution }

export type RolledUp =
  | { readonly kind: 'value'; readonly value: string | null }
  | { readonly kind: 'details wanted' } // the least or greatest is gone: all others must be looked at

/** How a roll-up calculates; `type` is that of the master's field. */
export type RollUpKind = {
  readonly operation: Summary['operation']
  readonly type: FieldDefinition['type']
}

/** Digits enough for any number of the widest amounts. */
const Exact = Decimal.clone({ precision: 80 })

/** The value without any detail: a count or sum of nothing is 0, a minimum or maximum blank. */
export function emptyRollUp({ operation }: RollUpKind): string | null {
  return operation === 'count' || operation === 'sum' ? '0' : null
}

/** The new value from the old one and what changed, as long as that is exact. Pure. */
export function rollUpChanges(
  kind: RollUpKind,
  old: string | null,
  changes: readonly DetailChange[],
): RolledUp {
  switch (kind.operation) {
    case 'count': {
      const count = changes.reduce(
        (sum, { before, after }) => sum + counted(after) - counted(before),
        Number(old ?? 0),
      )
      return { kind: 'value', value: String(count) }
    }
    case 'sum': {
      const sum = changes.reduce(
        (total, { before, after }) => total.add(after ?? 0).sub(before ?? 0),
        new Exact(old ?? 0),
      )
      return { kind: 'value', value: written(sum) }
    }
    case 'min':
    case 'max':
      return extremeAfter(kind, old, changes)
  }
}

/** The value over all details. Pure. */
export function rollUpAll(kind: RollUpKind, all: readonly Contribution[]): string | null {
  const changes = all.map((after) => ({ before: undefined, after }))
  const rolled = rollUpChanges(kind, emptyRollUp(kind), changes)
  return rolled.kind === 'value' ? rolled.value : null
}

function counted(contribution: Contribution): number {
  return contribution === undefined ? 0 : 1
}

function extremeAfter(
  kind: RollUpKind,
  old: string | null,
  changes: readonly DetailChange[],
): RolledUp {
  const now = changes.reduce<string | null>((best, { after }) => better(kind, best, after), null)
  const isLeft =
    old !== null && changes.some(({ before }) => typeof before === 'string' && before === old)
  if (!isLeft) return { kind: 'value', value: better(kind, old, now) }
  // Another detail that is as extreme, or more, takes its place.
  if (now !== null && better(kind, old, now) === now) return { kind: 'value', value: now }
  return { kind: 'details wanted' }
}

/** The one of two that the roll-up keeps; blanks count for nothing. */
function better(kind: RollUpKind, one: string | null, other: Contribution): string | null {
  if (other === null || other === undefined) return one
  if (one === null) return other
  const order = isNumberType(kind.type)
    ? new Exact(one).comparedTo(other)
    : one < other // dates and date-times are written so that their texts sort as they do
      ? -1
      : Number(one > other)
  const keepsOne = kind.operation === 'min' ? order < 0 : order > 0
  return keepsOne ? one : other
}

function written(number: Decimal): string {
  return number.isZero() ? '0' : number.toFixed()
}
