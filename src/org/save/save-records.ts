import { unreachable } from '../../base/unreachable.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { Expectation, Setting } from '../org-store.ts'
import { OrgRefusal } from '../refusal.ts'
import { toEntryChanges } from '../time-queue/to-entry-changes.ts'
import { type SaveError, saveError } from '../values/save-error.ts'
import { openIdPool } from './context/id-pool.ts'
import type { Decision } from './decide-save.ts'
import { type OwedBySave, owedBySave } from './owed-by-save.ts'
import {
  type Assigned,
  decideFully,
  type Prepared,
  prepareSave,
  type SaveWork,
} from './prepare-save.ts'
import { badReference, duplicateValue } from './record/check-record.ts'
import type { RecordEdit, SaveResult } from './record-edit.ts'
import { tellOfSave } from './tell-of-save.ts'

/** Salesforce's limit for one call. */
export const RECORDS_MAX = 200
const COMMIT_TRIES_MAX = 5

export type SaveOptions = {
  /** The running user: owns what has no owner, and its profile says which fields may be edited. */
  readonly userId: RecordId
  /** True: one bad record keeps all others from being saved. */
  readonly allOrNone: boolean
  /** A fact of the installation that becomes true in the same commit. */
  readonly setting?: Setting
}

/**
 * The front door: every record change enters the org here. Nothing is held while the rules run.
 *
 * Records and the notifications they owe are one change set, so a save that fails leaves nothing to send,
 * and a save that commits cannot lose its notifications. The results stand in the order of the edits.
 * One call writes a record once: a second edit of it is refused with DUPLICATE_VALUE. Throws an OrgRefusal
 * for more than 200 edits.
 */
export async function saveRecords(
  org: Org,
  edits: readonly RecordEdit[],
  options: SaveOptions,
): Promise<readonly SaveResult[]> {
  if (edits.length > RECORDS_MAX) {
    throw new OrgRefusal(
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${RECORDS_MAX} records in this call`,
    )
  }
  const tries: Prepared[] = []
  const tried = await saveInTries(org, { edits, due: [] }, { ...options, tries })
  const results = edits.map((_, index) => resultOf(index, tried))
  org.onDecided({ tries, results })
  return results
}

/** How a save ended, with what was refused for good, by place. */
export type Tried = { readonly refusals: ReadonlyMap<number, readonly SaveError[]> } & (
  | { readonly kind: 'committed'; readonly decision: Decision }
  | { readonly kind: 'rolled back' } // all or none
  | { readonly kind: 'contested' } // others were quicker each time
)

/** Decides and commits, and again where somebody was quicker; `tries` takes what each try was decided from. */
export async function saveInTries(
  org: Org,
  work: SaveWork,
  { userId, allOrNone, setting, tries }: SaveOptions & { readonly tries: Prepared[] },
): Promise<Tried> {
  const refusals = new Map<number, readonly SaveError[]>()
  const assigned: Assigned = new Map()
  const newIds = openIdPool(org.serials)
  let contested: readonly RecordId[] = []

  for (let tryCount = 1; tryCount <= COMMIT_TRIES_MAX; tryCount += 1) {
    const { decision, answer } = await org.locks.holding(contested, async () => {
      const prepared = await prepareSave(org, work, { userId, refusals, assigned, newIds })
      tries.push(prepared)
      const decision = await decideFully(prepared)
      for (const [index, its] of [...prepared.errors, ...decision.refusals])
        refusals.set(index, its)
      if (allOrNone && refusals.size > 0) return { decision, answer: ROLLED_BACK }
      return { decision, answer: await commit(org, decision, { userId, setting }) }
    })
    if (answer.kind === 'committed') {
      const user = await org.users.userOf(userId)
      tellOfSave(org, decision, answer, user?.username ?? userId)
      return { kind: 'committed', decision, refusals }
    }
    if (answer.kind === 'failed') {
      await refuse(org, answer.expectations, { decision, refusals, work })
    }
    if (allOrNone && refusals.size > 0) return { kind: 'rolled back', refusals }
    // Locked from the second try on, in id order: on a hot parent, trying alone starves.
    contested = [...decision.written.keys()]
  }
  return { kind: 'contested', refusals }
}

const ROLLED_BACK = { kind: 'rolled back' } as const

type Committed =
  | ({ readonly kind: 'committed' } & OwedBySave)
  | { readonly kind: 'failed'; readonly expectations: readonly Expectation[] }

async function commit(
  org: Org,
  decision: Decision,
  { userId, setting }: { readonly userId: RecordId; readonly setting: Setting | undefined },
): Promise<Committed> {
  if (isEmpty(decision)) return { kind: 'committed', notifications: [], emails: [] }
  const owed = await owedBySave(org, decision, userId)
  const answer = await org.store.commit({
    records: [...decision.written.values()].map(({ write, after }) => ({
      kind: write,
      record: after,
    })),
    ...owed,
    timeEntries: toEntryChanges(decision.timeEntries, { userId, now: org.clock.now() }),
    expectations: decision.expectations,
    ...(setting && { setting }),
  })
  return answer.kind === 'committed' ? { kind: 'committed', ...owed } : answer
}

/** Entries that end write no record where all they do is owed, or nothing. */
function isEmpty({ written, timeEntries }: Decision): boolean {
  return written.size === 0 && timeEntries.ended.length === 0
}

/** What reading again cannot cure is refused: the rest is decided again without it. */
async function refuse(
  org: Org,
  failed: readonly Expectation[],
  at: { decision: Decision; refusals: Map<number, readonly SaveError[]>; work: SaveWork },
): Promise<void> {
  const { decision, refusals, work } = at
  for (const expectation of failed) {
    if (expectation.kind === 'entryPending' && expectation.token !== null) {
      // Somebody else has it: it is passed over, without an error of its own.
      const { entryId } = expectation
      refusals.set(
        work.due.findIndex(({ entry }) => entry.entryId === entryId),
        [],
      )
      continue
    }
    const error = await errorFor(org, expectation)
    if (error === null) continue
    const edits = decision.written.get(expectation.recordId)?.edits ?? []
    for (const index of edits) refusals.set(index, [error])
  }
}

/** The error a failed expectation means for its record; null where reading again is the cure. */
async function errorFor(org: Org, failed: Expectation): Promise<SaveError | null> {
  switch (failed.kind) {
    case 'unchanged':
    case 'unreferred':
    case 'entryPending':
      return null
    case 'exists':
      return badReference()
    case 'free': {
      if (failed.upsert) return null // Read again, it is an update.
      const { objectName, field, value } = failed
      const { records } = await org.store.readRecords([
        { kind: 'key', objectName, field, values: [value] },
      ])
      return duplicateValue(objectName, field, records[0]?.recordId ?? null)
    }
    default:
      return unreachable(failed)
  }
}

function resultOf(index: number, tried: Tried): SaveResult {
  const errors = tried.refusals.get(index)
  if (errors) return { kind: 'refused', errors }
  switch (tried.kind) {
    case 'committed': {
      const { recordOfEdit, written } = tried.decision
      const recordId = recordOfEdit.get(index)
      if (recordId === undefined) return { kind: 'refused', errors: [rowLocked()] }
      return { kind: 'saved', recordId, isCreated: written.get(recordId)?.write === 'insert' }
    }
    case 'rolled back':
      return { kind: 'refused', errors: [allOrNoneError()] }
    case 'contested':
      return { kind: 'refused', errors: [rowLocked()] }
    default:
      return unreachable(tried)
  }
}

function allOrNoneError(): SaveError {
  return saveError(
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'Record rolled back because not all records were valid and the request was using AllOrNone header',
  )
}

/** What is told when others were quicker each time. */
export function rowLocked(): SaveError {
  return saveError(
    'UNABLE_TO_LOCK_ROW',
    `unable to obtain exclusive access to this record: others changed it ${COMMIT_TRIES_MAX} times meanwhile, save again`,
  )
}
