import { HEALTH_SCHEMA } from './health-schema.ts'
import { JOBS_SCHEMA } from './jobs-schema.ts'
import { MAIL_SCHEMA } from './mail-schema.ts'
import { ORG_SCHEMA } from './org-schema.ts'
import { OUTBOX_SCHEMA } from './outbox-schema.ts'
import { TIME_SCHEMA } from './time-schema.ts'
import { TRACE_SCHEMA } from './trace-schema.ts'

/**
 * What brings a store from one schema version to the next: the first entry makes version 1. An entry that
 * has been released is never changed; a new one is added.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    ...ORG_SCHEMA,
    ...OUTBOX_SCHEMA,
    ...JOBS_SCHEMA,
    ...MAIL_SCHEMA,
    ...TIME_SCHEMA,
    ...TRACE_SCHEMA,
    ...HEALTH_SCHEMA,
  ],
]
