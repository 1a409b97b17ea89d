import { printTable } from './print-table.ts'
import { type ClientOptions, openSetupClient } from './setup-client.ts'

const COLUMNS = [
  'runId',
  'jobConfigId',
  'status',
  'attemptCount',
  'queuedAt',
  'finishedAt',
  'returnCode',
  'failureReason',
]

type Rows = readonly Readonly<Record<string, unknown>>[]

/** `obm runs list`: job runs, newest first. */
export async function runsList(
  options: ClientOptions & { readonly status?: string; readonly limit: string },
): Promise<number> {
  const status = options.status ? `&status=${encodeURIComponent(options.status)}` : ''
  const answer = await openSetupClient(options).get(
    `/runs?limit=${encodeURIComponent(options.limit)}${status}`,
  )
  if (options.json) console.log(JSON.stringify(answer))
  else printTable(answer.runs as Rows, COLUMNS, 'There is no job run yet.')
  return 0
}

/** `obm runs show ID`: one run with its DJMessage and its log. */
export async function runsShow(id: string, options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get(`/runs/${encodeURIComponent(id)}`)
  console.log(JSON.stringify(answer, null, options.json ? 0 : 2))
  return 0
}

/** `obm runs replay|stop ID`: a new run of the same message, or the end of one. */
export async function runsAct(
  act: 'replay' | 'stop',
  id: string,
  options: ClientOptions,
): Promise<number> {
  const answer = await openSetupClient(options).post(`/runs/${encodeURIComponent(id)}/${act}`, {})
  if (options.json) console.log(JSON.stringify(answer))
  else console.log(act === 'replay' ? `queued as ${answer.runId}` : `now ${answer.status}`)
  return 0
}
