import { maskUrl } from '../../../base/secrets/mask-url.ts'
import type {
  Address,
  HoldTarget,
  NotificationFilter,
  OutboxStore,
} from '../../../outbox/outbox-store.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { ApiError } from '../../api-error.ts'
import type { SetupPorts } from '../setup-ports.ts'
import { agoOf, idOf, invalid, textOf } from '../setup-values.ts'

/** What narrows the outbox down, by the names it has in requests. */
type Narrowing = Readonly<Record<string, unknown>>

/** The names that a request may narrow the outbox down by. */
export const NARROWING = [
  'notificationIds',
  'outboundMessageId',
  'outboundMessage',
  'recordId',
  'endpoint',
  'state',
  'since',
] as const

type Addresses = Pick<OutboxStore, 'addresses'>

/** Reads which notifications a request means; refuses names that nothing has, so that none are meant by mistake. */
export async function readFilter(
  { outbox, clock }: Pick<SetupPorts, 'outbox' | 'clock'>,
  said: Narrowing,
): Promise<Omit<NotificationFilter, 'limit'>> {
  const notificationIds = idsOf(said.notificationIds)
  const recordId = idOf(said.recordId, 'recordId')
  const state = stateOf(said.state)
  const createdFrom = agoOf(said.since, 'since', clock.now())
  const outboundMessageId = await messageIdOf(outbox, said)
  const endpoint = textOf(said.endpoint, 'endpoint')
  const laneIds = endpoint && lanesAt(await outbox.addresses(), endpoint).map(([laneId]) => laneId)
  return {
    ...(notificationIds && { notificationIds }),
    ...(outboundMessageId && { outboundMessageId }),
    ...(recordId && { recordId }),
    ...(laneIds && { laneIds }),
    ...(state && { state }),
    ...(createdFrom !== undefined && { createdFrom }),
  }
}

/** Reads what is to be held or resumed: an outbound message by id or name, or an endpoint by lane or URL. */
export async function readTarget(outbox: Addresses, said: Narrowing): Promise<HoldTarget> {
  const outboundMessageId = await messageIdOf(outbox, said)
  if (outboundMessageId) return { kind: 'outboundMessage', outboundMessageId }
  const laneId = textOf(said.laneId, 'laneId')
  if (laneId) return { kind: 'lane', laneId }
  const endpoint = textOf(said.endpoint, 'endpoint')
  if (!endpoint) throw invalid('say which: outboundMessageId, outboundMessage, laneId or endpoint')
  const [found, ...others] = lanesAt(await outbox.addresses(), endpoint)
  if (found && others.length === 0) return { kind: 'lane', laneId: found[0] }
  throw invalid(
    `${others.length + 1} endpoints are at ${endpoint}: give the whole URL, or the lane as obm outbox lanes lists it`,
  )
}

async function messageIdOf(outbox: Addresses, said: Narrowing): Promise<RecordId | undefined> {
  const byId = idOf(said.outboundMessageId, 'outboundMessageId')
  const key = textOf(said.outboundMessage, 'outboundMessage')
  if (byId || !key) return byId
  const messages = (await outbox.addresses()).flatMap((each) => each.outboundMessage ?? [])
  const found = messages.find((each) => each.key.toLowerCase() === key.toLowerCase())
  if (found) return found.outboundMessageId
  const known = messages.map((each) => each.key)
  throw unknown(
    `there is no outbound message ${key}: ${known.length === 0 ? 'none is defined' : `there are ${listed(known)}`}`,
  )
}

/** The lanes at an endpoint: that of the URL itself, or all those of its host, or one by its id. */
function lanesAt(addresses: readonly Address[], endpoint: string): readonly [string, string][] {
  const lanes = [...new Map(addresses.map((each) => [each.laneId, each.endpointUrl]))]
  const exact = lanes.filter(([laneId, url]) => [url, maskUrl(url), laneId].includes(endpoint))
  if (exact.length > 0) return exact
  const host = URL.parse(endpoint)?.host || endpoint
  const isWhole = /^https?:\/\/[^/]+\/./.test(endpoint)
  const atHost = isWhole ? [] : lanes.filter(([, url]) => URL.parse(url)?.host === host)
  if (atHost.length > 0) return atHost
  throw unknown(`nothing goes to ${endpoint}: give an endpoint's URL, its host or its lane`)
}

function unknown(message: string): ApiError {
  return new ApiError(404, 'NOT_FOUND', message)
}

const LISTED_MAX = 20

function listed(names: readonly string[]): string {
  const more = names.length - LISTED_MAX
  const first = names.slice(0, LISTED_MAX).join(', ')
  return more > 0 ? `${first} and ${more} more` : first
}

function idsOf(value: unknown): readonly RecordId[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalid('notificationIds should be an array of ids')
  return value.map((each) => {
    const id = idOf(each, 'notificationIds')
    if (!id) throw invalid('notificationIds should be an array of ids')
    return id
  })
}

const STATES = ['waiting', 'held', 'expired'] as const

function stateOf(value: unknown): NotificationFilter['state'] {
  if (value === undefined || value === null || value === '') return undefined
  const state = STATES.find((each) => each === value)
  if (state) return state
  throw invalid(`state should be ${STATES.join(', ')}`)
}
