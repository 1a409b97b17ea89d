import type { NamedOp } from '../op.ts'
import { giveUpEntries, leaseEntries, putOffEntries, workAhead } from './lease-entries.ts'
import { delEntries, hastenEntries, listEntries, retainEntries } from './person.ts'

/** The ops of this folder, for the registry. */
export const TIME_OPS: readonly NamedOp<never, unknown>[] = [
  delEntries,
  giveUpEntries,
  hastenEntries,
  leaseEntries,
  listEntries,
  putOffEntries,
  retainEntries,
  workAhead,
]
