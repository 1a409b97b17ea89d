import type { JobConfig, RunOrdering } from '../../../jobs/job-config.ts'
import { RUN_PERS, runPerMistake } from '../../../jobs/ordering/run-per.ts'
import { tryRecordId } from '../../../schema/record-id.ts'
import { type Fields, invalid, readBoolean, readTexts } from '../read-fields.ts'

const ORDERINGS: readonly RunOrdering[] = ['none', 'record', 'config']
const STALE_CHANGES = ['flag', 'skip'] as const
const OWN_USERS_MAX = 100

/** The names this file reads. */
export const ORDERING_FIELDS: readonly string[] = [
  'ordering',
  'blocking',
  'staleChanges',
  'ownUserIds',
  'runPer',
]

type Ordering = Pick<JobConfig, 'ordering' | 'staleChanges' | 'ownUserIds' | 'runPer'>

const BY_ARRIVAL: Ordering = {
  ordering: 'none',
  staleChanges: 'flag',
  ownUserIds: [],
  runPer: 'notification',
}

/** Reads which runs wait for each other, and which changes are not run. */
export function readOrdering(fields: Fields, set: Ordering | null): Ordering {
  const before = set ?? BY_ARRIVAL
  const after: Ordering = {
    ordering: readOrder(fields, before.ordering),
    staleChanges: readOneOf(fields, 'staleChanges', STALE_CHANGES) ?? before.staleChanges,
    ownUserIds: readOwnUsers(fields, before.ownUserIds),
    runPer: readOneOf(fields, 'runPer', RUN_PERS) ?? before.runPer,
  }
  const mistake = runPerMistake(after)
  if (mistake !== null) throw invalid('runPer', mistake, after.runPer)
  return after
}

/** `blocking` is DataCloud's word for the ordering `config`. Where both are given they must agree. */
function readOrder(fields: Fields, before: RunOrdering): RunOrdering {
  const ordering = readOneOf(fields, 'ordering', ORDERINGS)
  if (!fields.values.has('blocking')) return ordering ?? before
  const isBlocking = readBoolean(fields, 'blocking', false)
  if (ordering === null) {
    if (isBlocking) return 'config'
    return before === 'config' ? 'none' : before
  }
  if (isBlocking === (ordering === 'config')) return ordering
  const expected = `${ordering === 'config'} beside ordering ${JSON.stringify(ordering)}`
  throw invalid('blocking', expected, isBlocking)
}

function readOneOf<T extends string>(fields: Fields, name: string, known: readonly T[]): T | null {
  const value = fields.values.get(name)
  if (value === undefined) return null
  const found = known.find((each) => each === value)
  if (found !== undefined) return found
  throw invalid(name, `one of ${known.join(', ')}`, value)
}

function readOwnUsers(fields: Fields, before: readonly string[]): readonly string[] {
  const limits = { countMax: OWN_USERS_MAX, lengthMax: 18, fallback: null }
  const texts = readTexts(fields, 'ownUserIds', limits)
  if (texts === null) return before
  return texts.map((text) => {
    const id = tryRecordId(text)
    if (id?.startsWith('005')) return id
    throw invalid('ownUserIds', 'ids of users (005…) of 15 or 18 characters', text)
  })
}
