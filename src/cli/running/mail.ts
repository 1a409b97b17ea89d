import { ConfigError } from '../../config/config.ts'
import { printTable } from './print-table.ts'
import { type ClientOptions, openSetupClient } from './setup-client.ts'

const COLUMNS = ['emailId', 'recordId', 'state', 'recipients', 'subject', 'createdAt', 'reason']

type Rows = readonly Readonly<Record<string, unknown>>[]

/** What `--state`, `--record` and `--alert` narrow it down to. */
type Narrowed = {
  readonly state?: string
  readonly record?: string
  readonly alert?: string
}

/** `obm mail list`: e-mails, newest first. */
export async function mailList(
  options: ClientOptions & Narrowed & { readonly limit: string },
): Promise<number> {
  const query = new URLSearchParams({ limit: options.limit, ...filterOf(options) })
  const answer = await openSetupClient(options).get(`/emails?${query}`)
  if (options.json) console.log(JSON.stringify(answer))
  else printTable(answer.emails as Rows, COLUMNS, 'There is no such e-mail.')
  return 0
}

/** `obm mail show ID`: one e-mail with its texts, and what became of each letter. */
export async function mailShow(id: string, options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get(`/emails/${encodeURIComponent(id)}`)
  console.log(JSON.stringify(answer, null, options.json ? 0 : 2))
  return 0
}

/** `obm mail retry|del ID… | --all | --state failed`: makes them due now, or removes them for good. */
export async function mailAct(
  act: 'retry' | 'del',
  ids: readonly string[],
  options: ClientOptions & Narrowed & { readonly all: boolean },
): Promise<number> {
  const filter = filterOf(options)
  if (ids.length === 0 && !options.all && Object.keys(filter).length === 0) {
    throw new ConfigError(`mail ${act}: expected ids, --state, --record, --alert or --all`)
  }
  const body = { ...filter, ...(ids.length > 0 && { emailIds: ids }), all: options.all }
  const answer = await openSetupClient(options).post(`/emails/${act}`, body)
  if (options.json) console.log(JSON.stringify(answer))
  else console.log(`${answer.count} ${act === 'retry' ? 'due now' : 'removed'}`)
  return 0
}

function filterOf({ state, record, alert }: Narrowed): Readonly<Record<string, string>> {
  return {
    ...(state !== undefined && { state }),
    ...(record !== undefined && { recordId: record }),
    ...(alert !== undefined && { alert }),
  }
}
