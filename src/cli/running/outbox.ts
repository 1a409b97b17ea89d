import { ConfigError } from '../../config/config.ts'
import { askFirst } from './ask-first.ts'
import { type Json, laneRow, notificationRow, showLines } from './outbox-lines.ts'
import { printTable } from './print-table.ts'
import {
  type ClientOptions,
  openSetupClient,
  type SetupClient,
  SetupRefusal,
} from './setup-client.ts'

/** What the options narrow the outbox down to. */
type Narrowed = {
  readonly message?: string
  readonly record?: string
  readonly endpoint?: string
  readonly state?: string
  readonly since?: string
}

type Acting = ClientOptions & Narrowed & { readonly all: boolean; readonly yes: boolean }

const LISTED_MAX = 2000

/** `obm outbox list`: what waits, or with `--failed` what was given up. */
export async function outboxList(
  options: ClientOptions & Narrowed & { readonly failed: boolean; readonly limit: string },
): Promise<number> {
  const state = options.failed ? 'expired' : (options.state ?? 'waiting')
  const query = new URLSearchParams({ ...filterOf(options), state, limit: options.limit })
  const answer = await openSetupClient(options).get(`/outbox?${query}`)
  if (options.json) {
    console.log(JSON.stringify(answer))
    return 0
  }
  const lanes = answer.lanes as readonly Json[]
  const rows = (answer.notifications as readonly Json[]).map((each) => notificationRow(each, lanes))
  printTable(rows, Object.keys(rows[0] ?? {}), `No notification like that is ${state}.`)
  if (rows.length >= Number(options.limit))
    console.log(`The first ${rows.length}: --limit shows more.`)
  return 0
}

/** `obm outbox lanes`: each endpoint, its breaker, its holds and what waits for it. */
export async function outboxLanes(options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get('/outbox?limit=1')
  const lanes = answer.lanes as readonly Json[]
  if (options.json) {
    console.log(JSON.stringify({ readAt: answer.readAt, lanes }))
    return 0
  }
  const rows = lanes.map(laneRow)
  printTable(rows, Object.keys(rows[0] ?? {}), 'No outbound message is defined.')
  return 0
}

/** `obm outbox show ID`: how it stands with one notification, why, and its attempts. */
export async function outboxShow(id: string, options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get(`/outbox/${encodeURIComponent(id)}`)
  if (options.json) console.log(JSON.stringify(answer))
  else {
    const { notification, attempts } = answer as Record<string, never>
    for (const line of showLines(notification ?? null, attempts ?? [])) console.log(line)
  }
  return 0
}

/** `obm outbox retry|del ID… | --message … | --all`: makes them due now, or removes them for good. */
export async function outboxAct(
  act: 'retry' | 'del',
  ids: readonly string[],
  options: Acting,
): Promise<number> {
  const filter = filterOf(options)
  const isNarrowed = Object.keys(filter).length > 0
  if (ids.length === 0 && !options.all && !isNarrowed) {
    throw new ConfigError(
      `outbox ${act}: expected ids, --message, --record, --endpoint, --state, --since or --all`,
    )
  }
  if (options.all && (ids.length > 0 || isNarrowed)) {
    throw new ConfigError(`outbox ${act}: --all means every one, and takes nothing that narrows it`)
  }
  const client = openSetupClient(options)
  const isSweeping = options.all || (act === 'del' && ids.length === 0)
  if (isSweeping && !(await askFirst(await questionOf(client, act, filter), options.yes))) {
    console.error('Nothing was done.')
    return 1
  }
  const body = options.all
    ? { all: true }
    : { ...filter, ...(ids.length > 0 && { notificationIds: ids }) }
  const answer = await client.post(`/outbox/${act}`, body)
  if (options.json) console.log(JSON.stringify(answer))
  else console.log(act === 'retry' ? retriedText(answer) : deletedText(answer))
  return 0
}

async function questionOf(
  client: SetupClient,
  act: 'retry' | 'del',
  filter: Readonly<Record<string, string>>,
): Promise<string> {
  const query = new URLSearchParams({ ...filter, limit: String(LISTED_MAX) })
  const { length } = (await client.get(`/outbox?${query}`)).notifications as readonly unknown[]
  const count = length >= LISTED_MAX ? `${length} notifications or more` : `${length} notifications`
  return act === 'retry' ? `Make ${count} due now?` : `Remove ${count} for good?`
}

function retriedText({ count, heldCount, sendingCount, unroutedCount }: Json): string {
  return [
    `${count} due now`,
    heldCount !== 0 && `${heldCount} of them on hold, which go when that is resumed`,
    sendingCount !== 0 && `${sendingCount} passed over, being sent right now`,
    unroutedCount !== 0 &&
      `${unroutedCount} passed over, as their outbound message has no endpoint`,
  ]
    .filter((each) => each !== false)
    .join('; ')
}

function deletedText({ count, sendingCount }: Json): string {
  const removed = `${count} removed`
  if (sendingCount === 0) return removed
  return `${removed}; ${sendingCount} of them were being sent right now, and may arrive all the same`
}

/** `obm outbox hold|resume TARGET`: an outbound message by name or id, or an endpoint by URL, host or lane. */
export async function outboxHold(
  act: 'hold' | 'resume',
  target: string,
  options: ClientOptions & { readonly reason?: string },
): Promise<number> {
  const client = openSetupClient(options)
  const because = act === 'hold' && options.reason !== undefined ? { reason: options.reason } : {}
  const answer = await postTarget(client, `/outbox/${act}`, { target, because })
  if (options.json) {
    console.log(JSON.stringify(answer))
    return 0
  }
  const done = act === 'hold' ? 'on hold' : 'resumed'
  const reason = answer.reason === null ? '' : `: ${answer.reason}`
  const isResumedHeld = act === 'resume' && answer.changed === true && answer.reason !== null
  if (isResumedHeld) console.log(`${target} is resumed, but ${answer.reason}`)
  else
    console.log(
      answer.changed === true
        ? `${target} is ${done}${reason}`
        : `nothing changed: ${answer.reason}`,
    )
  return 0
}

/** `acme.example` may be the host of an endpoint as well as an object and a message: names go first. */
async function postTarget(
  client: SetupClient,
  path: string,
  { target, because }: { readonly target: string; readonly because: object },
): Promise<Json> {
  if (/^04k\w{12}(\w{3})?$/.test(target)) {
    return client.post(path, { outboundMessageId: target, ...because })
  }
  const toEndpoint = () => client.post(path, { endpoint: target, ...because })
  if (!/^\w+\.\w+$/.test(target)) return toEndpoint()
  try {
    return await client.post(path, { outboundMessage: target, ...because })
  } catch (error) {
    if (!(error instanceof SetupRefusal) || error.errorCode !== 'NOT_FOUND') throw error
    return toEndpoint().catch(() => {
      throw error
    })
  }
}

function filterOf(options: Narrowed): Readonly<Record<string, string>> {
  const { message, record, endpoint, state, since } = options
  const isId = message !== undefined && /^04k\w{12}(\w{3})?$/.test(message)
  return {
    ...(message !== undefined && { [isId ? 'outboundMessageId' : 'outboundMessage']: message }),
    ...(record !== undefined && { recordId: record }),
    ...(endpoint !== undefined && { endpoint }),
    ...(state !== undefined && { state }),
    ...(since !== undefined && { since }),
  }
}
