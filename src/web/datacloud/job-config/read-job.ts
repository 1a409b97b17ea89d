import type { JobKind } from '../../../jobs/job-config.ts'
import {
  type Fields,
  invalid,
  readFields,
  readInteger,
  readText,
  readTexts,
} from '../read-fields.ts'

const ARGUMENT_MAX = 8_192
const ARGUMENTS_MAX = 100
const TIMEOUT_DEFAULT_MS = 600_000
const TIMEOUT_MAX_MS = 86_400_000

/** Reads `job`: what a run runs. Absent keeps what is set, and is refused where nothing is. */
export function readJob(fields: Fields, before: JobKind | null): JobKind {
  const value = fields.values.get('job')
  if (value === undefined && before) return before
  const job = readFields(value, 'job', ['kind', 'command', 'workingFolder', 'timeoutMs'])
  if (job.values.get('kind') !== 'command') {
    throw invalid('job.kind', '"command"', job.values.get('kind'))
  }
  const limits = { countMax: ARGUMENTS_MAX, lengthMax: ARGUMENT_MAX, fallback: [] }
  const command = readTexts(job, 'command', limits)
  if (command.length === 0) throw invalid('job.command', 'a program and its arguments', command)
  const hasFolder = job.values.get('workingFolder') !== null
  return {
    kind: 'command',
    command,
    workingFolder: hasFolder
      ? readText(job, 'workingFolder', { lengthMax: ARGUMENT_MAX, fallback: null })
      : null,
    timeoutMs: readInteger(job, 'timeoutMs', {
      min: 1,
      max: TIMEOUT_MAX_MS,
      fallback: TIMEOUT_DEFAULT_MS,
    }),
  }
}
