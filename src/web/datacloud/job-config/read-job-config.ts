import type { JobConfig, WhenInactive } from '../../../jobs/job-config.ts'
import {
  type Fields,
  invalid,
  readBoolean,
  readFields,
  readInteger,
  readRequiredText,
  readText,
} from '../read-fields.ts'
import { readAuthentication } from './read-authentication.ts'
import { readFieldLists } from './read-field-lists.ts'
import { readJob } from './read-job.ts'
import { readLimits } from './read-limits.ts'
import { ORDERING_FIELDS, readOrdering } from './read-ordering.ts'
import { readRuntimeConfig } from './read-runtime-config.ts'

const NAME_MAX = 255
const DESCRIPTION_MAX = 4_000
const ATTEMPTS_DEFAULT = 5
const ATTEMPTS_MAX = 50
/** Fields of an answer that a request may send back unchanged; they are not read. */
const READ_ONLY = ['id', 'href', 'source', 'endpoint', 'routeState']

const KNOWN = [
  'name',
  'description',
  'active',
  'whenInactive',
  'job',
  'runtimeConfig',
  'attemptsMax',
  'limits',
  ...ORDERING_FIELDS,
  'authentication',
  'fieldLists',
  ...READ_ONLY,
]

/**
 * Reads a job config as the API takes it. What is absent is as in `before`, or the default where there is
 * none; secrets of a job that it does not name are those of `secretsOf`. Throws `ApiError` 400.
 */
export function readJobConfig(
  body: unknown,
  jobConfigId: string,
  before: JobConfig | null,
  secretsOf: JobConfig | null = before,
): JobConfig {
  const fields = readFields(body, '', KNOWN)
  return {
    jobConfigId,
    name: before
      ? readText(fields, 'name', { lengthMax: NAME_MAX, fallback: before.name })
      : readRequiredText(fields, 'name', NAME_MAX),
    description: readDescription(fields, before?.description ?? null),
    isActive: readBoolean(fields, 'active', before?.isActive ?? true),
    whenInactive: readWhenInactive(fields, before?.whenInactive ?? 'hold'),
    job: readJob(fields, { before: before?.job ?? null, secretsOf: secretsOf?.job ?? null }),
    authentication: readAuthentication(fields, before?.authentication ?? null),
    ...readRuntimeConfig(fields, before),
    attemptsMax: readInteger(fields, 'attemptsMax', {
      min: 1,
      max: ATTEMPTS_MAX,
      fallback: before?.attemptsMax ?? ATTEMPTS_DEFAULT,
    }),
    limits: readLimits(fields, before?.limits ?? null),
    ...readOrdering(fields, before),
    fieldLists: readFieldLists(fields, before?.fieldLists ?? []),
    source: 'api',
  }
}

function readDescription(fields: Fields, before: string | null): string | null {
  if (fields.values.get('description') === null) return null
  return readText(fields, 'description', { lengthMax: DESCRIPTION_MAX, fallback: before })
}

function readWhenInactive(fields: Fields, before: WhenInactive): WhenInactive {
  const value = fields.values.get('whenInactive') ?? before
  if (value === 'hold' || value === 'reject') return value
  throw invalid('whenInactive', '"hold" or "reject"', value)
}
