import {
  COMMAND_MEMORY_MB,
  COMMAND_OUTPUT_MB,
  type CommandJob,
} from '../../../jobs/kinds/job-kind.ts'
import {
  type Fields,
  invalid,
  readBoolean,
  readInteger,
  readText,
  readTexts,
} from '../read-fields.ts'

const ARGUMENT_MAX = 8_192
const ARGUMENTS_MAX = 100
const TIMEOUT_DEFAULT_MS = 600_000
const TIMEOUT_MAX_MS = 86_400_000
const MEMORY_MB_MAX = 1_048_576
const OUTPUT_MB_MAX = 10_240

/** The fields of a job of kind `command`. */
export const COMMAND_FIELDS = [
  'kind',
  'command',
  'workingFolder',
  'timeoutMs',
  'input',
  'typed',
  'memoryMbMax',
  'outputMbMax',
]

/** Reads it; what is absent is the default. */
export function readCommand(job: Fields): CommandJob {
  const limits = { countMax: ARGUMENTS_MAX, lengthMax: ARGUMENT_MAX, fallback: [] }
  const command = readTexts(job, 'command', limits)
  if (command.length === 0) throw invalid('job.command', 'a program and its arguments', command)
  const hasFolder = job.values.get('workingFolder') !== null
  const within = (name: string, max: number, fallback: number) =>
    readInteger(job, name, { min: 1, max, fallback })
  return {
    kind: 'command',
    command,
    workingFolder: hasFolder
      ? readText(job, 'workingFolder', { lengthMax: ARGUMENT_MAX, fallback: null })
      : null,
    timeoutMs: within('timeoutMs', TIMEOUT_MAX_MS, TIMEOUT_DEFAULT_MS),
    input: readInput(job),
    typed: readBoolean(job, 'typed', false),
    memoryMbMax: within('memoryMbMax', MEMORY_MB_MAX, COMMAND_MEMORY_MB),
    outputMbMax: within('outputMbMax', OUTPUT_MB_MAX, COMMAND_OUTPUT_MB),
  }
}

function readInput(job: Fields): CommandJob['input'] {
  const value = job.values.get('input') ?? 'xml'
  if (value === 'xml' || value === 'json') return value
  throw invalid('job.input', '"xml" or "json"', value)
}
