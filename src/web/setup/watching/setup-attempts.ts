import { maskUrl } from '../../../base/secrets/mask-url.ts'
import type { AttemptFilter, AttemptOverview } from '../../../outbox/attempt.ts'
import type { AttemptOutcome } from '../../../outbox/settle.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { ApiError } from '../../api-error.ts'
import type { SetupPorts } from '../setup-ports.ts'
import type { SetupRoute } from '../setup-route.ts'
import { countOf, idOf, instantOf, invalid, isoOf, textOf } from '../setup-values.ts'

const LISTED_DEFAULT = 50
const LISTED_MAX = 500
/** Lanes that one endpoint may mean: its URLs may differ in what is masked. */
const LANES_MAX = 50

/**
 * `GET /attempts?record=&message=&endpoint=&outcome=&status=&from=&to=&after=&limit=` → `{"readAt","after",
 *   "attempts":[{"attemptId","outboundMessageId","outboundMessage","laneId","startedAt","durationMs","sentMs",
 *   "headersMs","endpointUrl","notificationIds","isProbe","outcome","reason","httpStatus","tolerances",
 *   "requestBytes","responseBytes"}]}`, the newest first. `message` is an id or `Object.Name`, `endpoint` a lane's
 *   id, a URL or a host with its port. `after` of the answer is what to ask for the next page, null when there is
 *   none; a page may be short, or empty, though there is.
 *
 * `GET /attempts/{attemptId}` → one of them with `"requestHeaders","request","responseHeaders","response"` too.
 */
export function setupAttempts(ports: SetupPorts): readonly SetupRoute[] {
  const { outbox, clock } = ports
  return [
    {
      method: 'GET',
      path: '/attempts',
      answer: async ({ query }) => {
        const filter = await filterOf(ports, query)
        const { attempts, after } = await outbox.findAttempts(filter)
        const definitions = await ports.definitions()
        return {
          readAt: isoOf(clock.now()),
          after,
          attempts: attempts.map((each) => ({
            ...attemptJson(each),
            outboundMessage: definitions.messageOfId(each.outboundMessageId)?.key ?? null,
          })),
        }
      },
    },
    {
      method: 'GET',
      path: '/attempts/:attemptId',
      answer: async ({ parts: { attemptId = '' } }) => {
        const [attempt] = await outbox.attempts({ attemptId, limit: 1 })
        if (!attempt) {
          const message = `no attempt ${attemptId} is kept: the log holds those of seven days, as far as they fit`
          throw new ApiError(404, 'NOT_FOUND', message)
        }
        const definitions = await ports.definitions()
        const key = definitions.messageOfId(attempt.outboundMessageId)?.key
        return { ...attemptJson(attempt), outboundMessage: key ?? null }
      },
    },
  ]
}

/** An attempt as the API tells it. */
export function attemptJson(attempt: AttemptOverview): object {
  return { ...attempt, startedAt: isoOf(attempt.startedAt) }
}

async function filterOf(ports: SetupPorts, query: URLSearchParams): Promise<AttemptFilter> {
  const recordId = idOf(query.get('record'), 'record')
  const message = textOf(query.get('message'), 'message')
  const endpoint = textOf(query.get('endpoint'), 'endpoint')
  const outcome = outcomeOf(query.get('outcome'))
  const status = countOf(query.get('status'), { name: 'status', fallback: 0, min: 100, max: 999 })
  const from = instantOf(query.get('from'), 'from')
  const to = instantOf(query.get('to'), 'to')
  const after = textOf(query.get('after'), 'after')
  if (after !== undefined && !/^[0-9a-z]{1,64}$/.test(after)) {
    throw invalid('after should be what the page before answered as its own')
  }
  const range = { name: 'limit', fallback: LISTED_DEFAULT, max: LISTED_MAX }
  return {
    ...(recordId && { recordId }),
    ...(message !== undefined && { outboundMessageId: await messageIdOf(ports, message) }),
    ...(endpoint !== undefined && { laneIds: await laneIdsOf(ports, endpoint) }),
    ...(outcome && { outcome }),
    ...(status > 0 && { httpStatus: status }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(after !== undefined && { after }),
    limit: countOf(query.get('limit'), range),
  }
}

/** By its id, also of one that is not defined any more, or by `Object.Name`. */
async function messageIdOf({ definitions }: SetupPorts, message: string): Promise<RecordId> {
  if (!message.includes('.')) return idOf(message, 'message') ?? missing(message)
  const { outboundMessages } = await definitions()
  const key = message.toLowerCase()
  const found = outboundMessages.find((each) => each.key.toLowerCase() === key)
  return found?.outboundMessageId ?? missing(message)
}

function missing(message: string): never {
  throw invalid(`message: no outbound message is called ${JSON.stringify(message)}`)
}

async function laneIdsOf({ outbox }: SetupPorts, endpoint: string): Promise<readonly string[]> {
  const known = await outbox.attemptEndpoints()
  const url = URL.canParse(endpoint) ? maskUrl(endpoint) : null
  const host = endpoint.toLowerCase()
  const laneIds = known
    .filter(
      ({ laneId, endpointUrl }) =>
        laneId === endpoint || endpointUrl === url || URL.parse(endpointUrl)?.host === host,
    )
    .map(({ laneId }) => laneId)
  if (laneIds.length <= LANES_MAX) return laneIds
  throw invalid(`endpoint ${endpoint} has ${laneIds.length} lanes: name one of them by its id`)
}

const OUTCOMES: readonly AttemptOutcome['kind'][] = [
  'acknowledged',
  'refused',
  'unanswered',
  'unsent',
]

function outcomeOf(value: string | null): AttemptOutcome['kind'] | undefined {
  const text = textOf(value, 'outcome')
  if (text === undefined) return undefined
  const found = OUTCOMES.find((each) => each === text)
  if (found) return found
  throw invalid(`outcome should be one of ${OUTCOMES.join(', ')}`)
}
