import type { JobKind } from '../../../jobs/kinds/job-kind.ts'
import { type Fields, invalid, readFields } from '../read-fields.ts'
import { COMMAND_FIELDS, readCommand } from './read-command.ts'
import { HTTP_FIELDS, readHttp } from './read-http.ts'

/**
 * Reads `job`: what a run runs. Absent is `before`, and is refused where that is nothing; the secrets that a request
 * does not name are those of `secretsOf`.
 */
export function readJob(
  fields: Fields,
  { before, secretsOf }: { readonly before: JobKind | null; readonly secretsOf: JobKind | null },
): JobKind {
  const value = fields.values.get('job')
  if (value === undefined && before) return before
  switch (kindOf(value)) {
    case 'command':
      return readCommand(readFields(value, 'job', COMMAND_FIELDS))
    case 'http': {
      const kept = secretsOf?.kind === 'http' ? secretsOf : null
      return readHttp(readFields(value, 'job', HTTP_FIELDS), kept)
    }
    default:
      throw invalid('job.kind', '"command" or "http"', kindOf(value))
  }
}

function kindOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('job', 'an object', value)
  }
  return 'kind' in value ? value.kind : undefined
}
