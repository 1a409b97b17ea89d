import type { JobConfig } from '../../../jobs/job-config.ts'
import { type Fields, invalid, readFields, readRequiredText, readTexts } from '../read-fields.ts'

const NAME_MAX = 255
const MESSAGE_NAME_DEFAULT = 'msg1' // what DataCloud's own console uses

/** Reads the names of the messages: `runtimeConfig.inMessages[0].name` and `.outMessageNames[0]`. */
export function readRuntimeConfig(
  fields: Fields,
  before: JobConfig | null,
): Pick<JobConfig, 'messageName' | 'outMessageName'> {
  const messageName = before?.messageName ?? MESSAGE_NAME_DEFAULT
  const outMessageName = before?.outMessageName ?? null
  const value = fields.values.get('runtimeConfig')
  if (value === undefined) return { messageName, outMessageName }
  const runtime = readFields(value, 'runtimeConfig', ['inMessages', 'outMessageNames'])
  const limits = { countMax: 1, lengthMax: NAME_MAX, fallback: null }
  const outNames = readTexts(runtime, 'outMessageNames', limits)
  return {
    messageName: readInName(runtime) ?? messageName,
    outMessageName: outNames === null ? outMessageName : (outNames[0] ?? null),
  }
}

function readInName(runtime: Fields): string | null {
  const messages = runtime.values.get('inMessages')
  if (messages === undefined) return null
  if (!Array.isArray(messages) || messages.length !== 1) {
    throw invalid('runtimeConfig.inMessages', 'a list of one message', messages)
  }
  const message = readFields(messages[0], 'runtimeConfig.inMessages[0]', ['name'])
  return readRequiredText(message, 'name', NAME_MAX)
}
