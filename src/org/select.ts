import type { FieldValue } from '../schema/field-value.ts'

/** A path from the queried object: reference field names, then the field to take. `[]` hops for own fields. */
export type FieldPath = {
  /** API names of the reference fields that are followed, with the object each leads to. */
  readonly hops: readonly { readonly field: string; readonly objectName: string }[]
  readonly field: string
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'like' | 'includes' | 'excludes'

export type SelectCondition =
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly SelectCondition[] }
  | { readonly kind: 'not'; readonly condition: SelectCondition }
  | {
      readonly kind: 'compare'
      readonly path: FieldPath
      readonly comparison: Comparison
      /** In the house's form: numbers as decimal strings, date-times in UTC. */
      readonly value: FieldValue
    }
  | {
      readonly kind: 'in'
      readonly path: FieldPath
      readonly isNegated: boolean
      readonly values: readonly FieldValue[]
    }
  | {
      readonly kind: 'inSelect'
      readonly path: FieldPath
      readonly isNegated: boolean
      readonly select: Select
    }

/** A query with every name resolved and every value typed; the store turns it into SQL. */
export type Select = {
  readonly objectName: string
  readonly fields: readonly FieldPath[]
  /** True: one row with the count, no fields. */
  readonly isCount: boolean
  readonly condition: SelectCondition | null
  readonly orderBy: readonly {
    readonly path: FieldPath
    readonly descending: boolean
    readonly nullsLast: boolean
  }[]
  readonly limit: number | null
  readonly offset: number
  readonly includeDeleted: boolean
}

/** Values in the order of `Select.fields`; for a count, the number as text. */
export type SelectRow = readonly FieldValue[]
