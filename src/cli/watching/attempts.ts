import { printTable } from '../running/print-table.ts'
import { type ClientOptions, openSetupClient } from '../running/setup-client.ts'

const COLUMNS = [
  'startedAt',
  'outboundMessage',
  'endpoint',
  'count',
  'outcome',
  'httpStatus',
  'durationMs',
  'reason',
  'attemptId',
]

/** What the options narrow the attempt log down to, and the page of it. */
type Narrowed = {
  readonly record?: string
  readonly message?: string
  readonly endpoint?: string
  readonly outcome?: string
  readonly status?: string
  readonly from?: string
  readonly to?: string
  readonly after?: string
  readonly limit: string
}

type Listed = Readonly<Record<string, unknown>> & {
  readonly notificationIds: readonly string[]
}

/** `obm attempts list`: attempts at sending, the newest first, and where the next page begins. */
export async function attemptsList(options: ClientOptions & Narrowed): Promise<number> {
  const { record, message, endpoint, outcome, status, from, to, after, limit } = options
  const asked = { record, message, endpoint, outcome, status, from, to, after, limit }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value)
  const answer = await openSetupClient(options).get(`/attempts?${query}`)
  if (options.json) {
    console.log(JSON.stringify(answer))
    return 0
  }
  const rows = (answer['attempts'] as readonly Listed[]).map((each) => ({
    ...each,
    outboundMessage: each['outboundMessage'] ?? each['outboundMessageId'],
    endpoint: URL.parse(String(each['endpointUrl']))?.host ?? each['endpointUrl'],
    count: each.notificationIds.length,
  }))
  printTable(rows, COLUMNS, 'No attempt like that is kept.')
  if (answer['after'] !== null) console.log(`\nMore with --after ${answer['after']}`)
  return 0
}

/** `obm attempts show ID`: one attempt with what was sent and what came back. */
export async function attemptsShow(id: string, options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get(`/attempts/${encodeURIComponent(id)}`)
  if (options.json) {
    console.log(JSON.stringify(answer))
    return 0
  }
  const texts = ['requestHeaders', 'request', 'responseHeaders', 'response']
  for (const [name, value] of Object.entries(answer)) {
    if (texts.includes(name)) continue
    const text = Array.isArray(value) ? value.join(' ') : String(value ?? '')
    console.log(`${name.padEnd(18)}${text}`.trimEnd())
  }
  for (const name of texts) {
    if (answer[name] !== '') console.log(`\n${name}:\n${String(answer[name]).trimEnd()}`)
  }
  return 0
}
