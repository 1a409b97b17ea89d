import { decodePercent } from '../../base/decode-percent.ts'
import type { RecordAsk } from '../../org/org-store.ts'
import type { TimeEntryState } from '../../org/time-queue/time-entry.ts'
import type { TimeEntryFilter, TimeEntryView } from '../../org/time-queue/time-queue-store.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import { recordNameOf } from '../../schema/record-name.ts'
import { ApiError } from '../api-error.ts'
import type { SetupPorts } from './setup-ports.ts'
import type { SetupRoute } from './setup-route.ts'
import { countOf, idOf, instantOf, invalid, isoOf, textOf } from './setup-values.ts'

const LISTED_DEFAULT = 100
const LISTED_MAX = 2000
/** Entries looked at where a record's name is asked for: names are not in the queue. */
const NAMED_MAX = 2000
/** So many rows one deletion touches unless the request says fewer. */
const CHANGED_MAX = 100_000

const STATES: readonly TimeEntryState[] = ['pending', 'executed', 'removed', 'failed']

/**
 * Salesforce's page Time-Based Workflow. `GET /time-queue?rule&object&recordId&recordName&createdBy&dueFrom&dueBefore
 *   &createdFrom&createdBefore&state=pending&limit` → `{"readAt","timeZone","isComplete","entries":[{"entryId","source",
 *   "name","objectName","recordId","recordName","dueAt","createdAt","createdBy","userId","state","attemptAt",
 *   "attemptCount","failureReason","isLeased","endedAt"}]}`, the next to be tried first. `rule`, a part of the rule's or
 *   flow's name, and `recordName` go in any case; `createdBy` is a username or an id; `state=any` shows ended ones too
 *
 * `GET /time-queue/{entryId}` → one of them; 404 NOT_FOUND
 *
 * `POST /time-queue/del` and `/time-queue/run` with `{"entryIds":[…]}` and/or the filters above, or `{"all":true}` →
 *   `{"count"}`: removes what is pending for good, or makes it due now
 */
export function setupTimeQueue(ports: SetupPorts): readonly SetupRoute[] {
  const { timeQueue, clock } = ports
  return [
    {
      method: 'GET',
      path: '/time-queue',
      answer: ({ query }) => list(ports, Object.fromEntries(query)),
    },
    {
      method: 'GET',
      path: '/time-queue/:entryId',
      answer: async ({ parts: { entryId = '' } }) => {
        const found = await timeQueue.list({ entryIds: [entryId], limit: 1 })
        const [entry] = await withNames(ports, found)
        if (entry) return entry
        throw new ApiError(404, 'NOT_FOUND', `the time queue has no entry ${entryId}`)
      },
    },
    {
      method: 'POST',
      path: '/time-queue/del',
      answer: async ({ body, username }) => {
        const end = { reason: `removed by ${username}`, endedAt: clock.now() }
        return { count: await timeQueue.del(await changeFilter(ports, body), end) }
      },
    },
    {
      method: 'POST',
      path: '/time-queue/run',
      answer: async ({ body }) => {
        const count = await timeQueue.hasten(await changeFilter(ports, body), clock.now())
        ports.nudgeTimeQueue()
        return { count }
      },
    },
  ]
}

type Given = Readonly<Record<string, unknown>>

async function list(ports: SetupPorts, query: Given): Promise<unknown> {
  const limit = countOf(query.limit, {
    name: 'limit',
    fallback: LISTED_DEFAULT,
    max: LISTED_MAX,
  })
  const recordName = textOf(query.recordName, 'recordName')?.toLowerCase()
  const looked = recordName === undefined ? limit : NAMED_MAX
  const filter = await filterOf(ports, query)
  const state = stateOf(query.state ?? 'pending')
  const found = await ports.timeQueue.list({ ...filter, ...(state && { state }), limit: looked })
  const named = (await withNames(ports, found)).filter(
    (each) =>
      recordName === undefined || each.recordName?.toLowerCase().includes(recordName) === true,
  )
  const { settings } = await ports.definitions()
  return {
    readAt: isoOf(ports.clock.now()),
    timeZone: settings.timeZone,
    isComplete: found.length < looked && named.length <= limit,
    entries: named.slice(0, limit),
  }
}

/** What is changed must be named: an empty request changes nothing by mistake. */
async function changeFilter(ports: SetupPorts, body: Given): Promise<TimeEntryFilter> {
  const entryIds = idsOf(body.entryIds)
  const filter = { ...(await filterOf(ports, body)), ...(entryIds && { entryIds }) }
  if (Object.keys(filter).length === 0 && body.all !== true) {
    throw invalid('say which: entryIds, one of the filters, or "all": true for every one')
  }
  const limit = { name: 'limit', fallback: CHANGED_MAX, max: CHANGED_MAX }
  return { ...filter, limit: countOf(body.limit, limit) }
}

async function filterOf(
  ports: SetupPorts,
  given: Given,
): Promise<Omit<TimeEntryFilter, 'limit' | 'state'>> {
  const sourceName = textOf(given.rule, 'rule')
  const objectName = textOf(given.object, 'object')
  const recordId = idOf(given.recordId, 'recordId')
  const createdBy = textOf(given.createdBy, 'createdBy')
  const userId = createdBy === undefined ? undefined : await userIdOf(ports, createdBy)
  const at = (name: string) => instantOf(given[name], name)
  const [dueFrom, dueBefore] = [at('dueFrom'), at('dueBefore')]
  const [createdFrom, createdBefore] = [at('createdFrom'), at('createdBefore')]
  return {
    ...(sourceName !== undefined && { sourceName }),
    ...(objectName !== undefined && { objectName }),
    ...(recordId !== undefined && { recordId }),
    ...(userId !== undefined && { userId }),
    ...(dueFrom !== undefined && { dueFrom }),
    ...(dueBefore !== undefined && { dueBefore }),
    ...(createdFrom !== undefined && { createdFrom }),
    ...(createdBefore !== undefined && { createdBefore }),
  }
}

async function userIdOf({ records }: SetupPorts, user: string): Promise<RecordId> {
  const id = tryRecordId(user)
  if (id) return id
  const ask = { kind: 'key', objectName: 'User', field: 'Username', values: [user] } as const
  const [found] = (await records.readRecords([ask])).records
  if (found) return found.recordId
  throw invalid(`createdBy: there is no user ${JSON.stringify(user)}`)
}

function stateOf(value: unknown): TimeEntryState | undefined {
  if (value === 'any') return undefined
  const state = STATES.find((each) => each === value)
  if (state) return state
  throw invalid(`state should be any, or one of ${STATES.join(', ')}`)
}

function idsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
  if (isList) return value
  throw invalid('entryIds should be an array of ids')
}

type EntryJson = { readonly recordName: string | null } & Record<string, unknown>

/** Entries with the names of their records and of who queued them. */
async function withNames(
  { records, definitions }: SetupPorts,
  entries: readonly TimeEntryView[],
): Promise<readonly EntryJson[]> {
  if (entries.length === 0) return []
  const { objectOf } = await definitions()
  const wanted = [
    ...entries.map(({ objectName, recordId }) => ({ objectName, recordId })),
    ...entries.map(({ userId }) => ({ objectName: 'User', recordId: userId })),
  ].filter(({ objectName }) => objectOf(objectName))
  const asks = [...Map.groupBy(wanted, ({ objectName }) => objectName)].map(
    ([objectName, its]): RecordAsk => ({
      kind: 'ids',
      objectName,
      ids: [...new Set(its.map(({ recordId }) => recordId))],
      includeDeleted: true,
    }),
  )
  const found = (await records.readRecords(asks)).records
  const byId = new Map<RecordId, OrgRecord>(found.map((each) => [each.recordId, each]))
  return entries.map((entry) => {
    const { source, createdAt, dueAt, attemptAt, endedAt, recordId, userId } = entry
    const name = source.kind === 'rule' ? decodePercent(source.ruleFullName) : source.flowName
    const username = byId.get(userId)?.fields['Username']
    return {
      ...entry,
      name,
      recordName: recordNameOf(objectOf(entry.objectName), byId.get(recordId) ?? null),
      createdBy: typeof username === 'string' ? username : null,
      createdAt: isoOf(createdAt),
      dueAt: isoOf(dueAt),
      attemptAt: isoOf(attemptAt),
      endedAt: isoOf(endedAt),
    }
  })
}
