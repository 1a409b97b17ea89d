import { HEALTH_OPS } from './health/health.ts'
import { JOBS_OPS } from './jobs/ops.ts'
import { MAIL_OPS } from './mail/ops.ts'
import type { NamedOp } from './op.ts'
import { ORG_OPS } from './org/ops.ts'
import { OUTBOX_OPS } from './outbox/ops.ts'
import { REFUSAL_OPS } from './refusals/refusals.ts'
import { TIME_OPS } from './time/ops.ts'
import { TRACE_OPS } from './trace/traces.ts'

/** Every op by its name: how the thread of the embedded store finds what it is asked to run. */
export const OPS: ReadonlyMap<string, NamedOp<unknown, unknown>> = new Map(
  [
    ...ORG_OPS,
    ...OUTBOX_OPS,
    ...JOBS_OPS,
    ...REFUSAL_OPS,
    ...MAIL_OPS,
    ...TIME_OPS,
    ...TRACE_OPS,
    ...HEALTH_OPS,
  ].map((op) => [op.name, op as NamedOp<unknown, unknown>]),
)
