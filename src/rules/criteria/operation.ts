import { CriteriaError } from './criteria-error.ts'

/** The operations of a criteria item, in Salesforce's own words. */
export type Operation =
  | 'equals'
  | 'notEqual'
  | 'contains'
  | 'notContain'
  | 'startsWith'
  | 'greaterThan'
  | 'greaterOrEqual'
  | 'lessThan'
  | 'lessOrEqual'
  | 'includes'
  | 'excludes'

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  (
    [
      'equals',
      'notEqual',
      'contains',
      'notContain',
      'startsWith',
      'greaterThan',
      'greaterOrEqual',
      'lessThan',
      'lessOrEqual',
      'includes',
      'excludes',
    ] as const
  ).map((operation) => [operation, operation]),
)

/** Reads an operation; throws CriteriaError for another, `within` included. */
export function operationOf(name: string): Operation {
  const found = OPERATIONS.get(name)
  if (found !== undefined) return found
  const message = `unknown operation '${name.slice(0, 40)}': expected ${[...OPERATIONS.keys()].join(', ')}`
  throw new CriteriaError('CRITERIA_UNKNOWN_OPERATION', message)
}

/** The operations that are the opposite of another. */
export function oppositeOf(operation: Operation): Operation | null {
  switch (operation) {
    case 'notEqual':
      return 'equals'
    case 'notContain':
      return 'contains'
    case 'excludes':
      return 'includes'
    default:
      return null
  }
}

/** A value's place against a range of values: -1 before it, 0 inside, 1 behind. */
export type Place = -1 | 0 | 1

/** Whether a value at `place` meets an operation that goes by order; null for one that does not. */
export function placeMeets(operation: Operation, place: Place): boolean | null {
  switch (operation) {
    case 'equals':
      return place === 0
    case 'greaterThan':
      return place > 0
    case 'greaterOrEqual':
      return place >= 0
    case 'lessThan':
      return place < 0
    case 'lessOrEqual':
      return place <= 0
    default:
      return null
  }
}
