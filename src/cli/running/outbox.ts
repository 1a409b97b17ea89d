import { ConfigError } from '../../config.ts'
import { printTable } from './print-table.ts'
import { type ClientOptions, openSetupClient } from './setup-client.ts'

const COLUMNS = [
  'notificationId',
  'recordId',
  'state',
  'attemptCount',
  'createdAt',
  'dueAt',
  'failureReason',
  'heldReason',
]

type Rows = readonly Readonly<Record<string, unknown>>[]

/** `obm outbox list`: what waits, or with `--failed` what was given up. */
export async function outboxList(
  options: ClientOptions & { readonly failed: boolean; readonly limit: string },
): Promise<number> {
  const state = options.failed ? 'expired' : 'waiting'
  const answer = await openSetupClient(options).get(
    `/outbox?state=${state}&limit=${encodeURIComponent(options.limit)}`,
  )
  if (options.json) console.log(JSON.stringify(answer))
  else printTable(answer.notifications as Rows, COLUMNS, `No notification is ${state}.`)
  return 0
}

/** `obm outbox show ID`: one notification and its attempts. */
export async function outboxShow(id: string, options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get(`/outbox/${encodeURIComponent(id)}`)
  console.log(JSON.stringify(answer, null, options.json ? 0 : 2))
  return 0
}

/** `obm outbox retry|del ID… | --all`: makes them due now, or removes them for good. */
export async function outboxAct(
  act: 'retry' | 'del',
  ids: readonly string[],
  options: ClientOptions & { readonly all: boolean },
): Promise<number> {
  if (ids.length === 0 && !options.all)
    throw new ConfigError(`outbox ${act}: expected ids, or --all`)
  const body = options.all ? { all: true } : { notificationIds: ids }
  const answer = await openSetupClient(options).post(`/outbox/${act}`, body)
  if (options.json) console.log(JSON.stringify(answer))
  else console.log(`${answer.count} ${act === 'retry' ? 'due now' : 'removed'}`)
  return 0
}

/** `obm outbox hold|resume`: of an outbound message (04k…), or of the lane of an endpoint. */
export async function outboxHold(
  act: 'hold' | 'resume',
  target: string,
  options: ClientOptions & { readonly reason: string },
): Promise<number> {
  const named = target.startsWith('04k') ? { outboundMessageId: target } : { laneId: target }
  const body = act === 'hold' ? { ...named, reason: options.reason } : named
  const answer = await openSetupClient(options).post(`/outbox/${act}`, body)
  if (options.json) console.log(JSON.stringify(answer))
  else
    console.log(answer.changed === true ? `${target}: ${act} done` : `${target}: it was so already`)
  return 0
}
