import { ConfigError } from '../../config/config.ts'
import { printTable } from './print-table.ts'
import { type ClientOptions, openSetupClient } from './setup-client.ts'

/** Those of Salesforce's page Time-Based Workflow, and how it stands. */
const COLUMNS = [
  'recordName',
  'objectName',
  'name',
  'dueAt',
  'createdAt',
  'createdBy',
  'state',
  'failureReason',
  'entryId',
]

type Rows = readonly Readonly<Record<string, unknown>>[]

/** What the options narrow it down to. */
type Narrowed = {
  readonly rule?: string
  readonly object?: string
  readonly record?: string
  readonly createdBy?: string
  readonly dueBefore?: string
}

/** `obm time list`: what is due later, the next first. */
export async function timeList(
  options: ClientOptions &
    Narrowed & { readonly recordName?: string; readonly state: string; readonly limit: string },
): Promise<number> {
  const { recordName, state, limit } = options
  const query = new URLSearchParams({
    ...filterOf(options),
    ...(recordName !== undefined && { recordName }),
    state,
    limit,
  })
  const answer = await openSetupClient(options).get(`/time-queue?${query}`)
  if (options.json) console.log(JSON.stringify(answer))
  else printTable(answer.entries as Rows, COLUMNS, 'Nothing like that is in the time queue.')
  return 0
}

/** `obm time show ID`: one entry, also one that has ended. */
export async function timeShow(id: string, options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get(`/time-queue/${encodeURIComponent(id)}`)
  console.log(JSON.stringify(answer, null, options.json ? 0 : 2))
  return 0
}

/** `obm time del|run ID… | --all | --rule NAME`: removes pending entries for good, or makes them due now. */
export async function timeAct(
  act: 'del' | 'run',
  ids: readonly string[],
  options: ClientOptions & Narrowed & { readonly all: boolean },
): Promise<number> {
  const filter = filterOf(options)
  if (ids.length === 0 && !options.all && Object.keys(filter).length === 0) {
    throw new ConfigError(
      `time ${act}: expected ids, --rule, --object, --record, --created-by, --due-before or --all`,
    )
  }
  const body = { ...filter, ...(ids.length > 0 && { entryIds: ids }), all: options.all }
  const answer = await openSetupClient(options).post(`/time-queue/${act}`, body)
  if (options.json) console.log(JSON.stringify(answer))
  else console.log(`${answer.count} ${act === 'run' ? 'due now' : 'removed'}`)
  return 0
}

function filterOf(options: Narrowed): Readonly<Record<string, string>> {
  const { rule, object, record, createdBy, dueBefore } = options
  return {
    ...(rule !== undefined && { rule }),
    ...(object !== undefined && { object }),
    ...(record !== undefined && { recordId: record }),
    ...(createdBy !== undefined && { createdBy }),
    ...(dueBefore !== undefined && { dueBefore }),
  }
}
