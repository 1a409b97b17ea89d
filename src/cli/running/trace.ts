import { ConfigError } from '../../config/config.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import { type ClientOptions, openSetupClient, type SetupClient } from './setup-client.ts'
import { type ToldTrace, traceLines } from './trace-lines.ts'

/** What `obm trace` is told besides where the program is. */
export type TraceOptions = ClientOptions & {
  /** As lines of a debug log. */
  readonly log: boolean
  readonly saves: string
  /** Nothing is looked up: the record is saved in thought. */
  readonly dry: boolean
  /** `Field=Value`, each a change of the save in thought. */
  readonly set: readonly string[]
  readonly asNew: boolean
}

/** `obm trace RECORD`: how its last saves were decided; with `--dry` how a save would be, of one rule or of all. */
export async function trace(
  record: string,
  rule: string | undefined,
  options: TraceOptions,
): Promise<number> {
  const client = openSetupClient(options)
  const traces = options.dry
    ? [await tryIt(client, { record, rule }, options)]
    : await readTraces(client, record, options)
  if (options.json) console.log(JSON.stringify(options.dry ? traces[0] : traces))
  else if (traces.length === 0) {
    console.log(`no save of ${record} is traced: it is too long ago, its object has no rules, or`)
    console.log('obm.config.json says "traces": false')
  } else {
    const linesOf = options.log ? (each: ToldTrace) => each.log : traceLines
    console.log(traces.flatMap((each) => linesOf(each)).join('\n'))
  }
  return traces.length === 0 ? 1 : 0
}

async function readTraces(
  client: SetupClient,
  record: string,
  { saves }: TraceOptions,
): Promise<readonly ToldTrace[]> {
  const count = Number(saves)
  if (!Number.isInteger(count) || count < 1 || count > SAVES_MAX) {
    throw new ConfigError(`--saves: expected a number from 1 to ${SAVES_MAX}, found ${saves}`)
  }
  const traceIds = TRACE_ID.test(record) ? [record] : await listIds(client, idOf(record), count)
  const found = await Promise.all(traceIds.map((traceId) => client.get(`/traces/${traceId}`)))
  return found as unknown as readonly ToldTrace[]
}

const SAVES_MAX = 20
const TRACE_ID = /^[0-9a-f]{32}$/

/** The oldest first, as a log reads. */
async function listIds(
  client: SetupClient,
  recordId: string,
  count: number,
): Promise<readonly string[]> {
  const { traces } = await client.get(`/traces?record=${recordId}&limit=${count}`)
  return (traces as { readonly traceId: string }[]).map(({ traceId }) => traceId).toReversed()
}

async function tryIt(
  client: SetupClient,
  { record, rule }: { readonly record: string; readonly rule: string | undefined },
  { set, asNew }: TraceOptions,
): Promise<ToldTrace> {
  const path = rule === undefined ? '/traces/try' : `/rules/${encodeURIComponent(rule)}/try`
  const fields = Object.fromEntries(set.map(readChange))
  const answer = await client.post(path, { recordId: idOf(record), fields, asNew })
  return answer as unknown as ToldTrace
}

/** Values go as texts, as a form sends them; an empty one blanks the field. */
function readChange(text: string): readonly [string, string | null] {
  const at = text.indexOf('=')
  if (at < 1) throw new ConfigError(`--set: expected Field=Value, found ${JSON.stringify(text)}`)
  return [text.slice(0, at), text.slice(at + 1) || null]
}

function idOf(record: string): string {
  const recordId = tryRecordId(record)
  if (recordId !== null) return recordId
  throw new ConfigError(
    `trace: expected a record's id of 15 or 18 letters and digits, found ${JSON.stringify(record)}`,
  )
}
