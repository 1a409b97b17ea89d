import type { NamedOp } from '../op.ts'

/** The ops of this folder, for the registry. */
export const OUTBOX_OPS: readonly NamedOp<never, unknown>[] = []
