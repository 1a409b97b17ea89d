import { SECOND_MS } from '../../base/clock.ts'
import type { CompiledRollUp } from '../../rules/roll-up/compile-roll-ups.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import { recalculateMaster } from './recalculate-master.ts'

/** Masters of one turn. */
const SLICE = 50
/** Saves that were decided by older definitions have ended by then: what they left out is still counted in. */
const SETTLED_AFTER_MS = 2 * SECOND_MS

/** How far a roll-up has come; kept in the store, so that any process may go on. */
type Progress = {
  readonly signature: string
  /** Of the definitions that the signature is from: an older process must not begin anew. */
  readonly version: number
  readonly sinceAt: number
  /** The last master that is done; null before the first. */
  readonly after: RecordId | null
  readonly isDone: boolean
}

/** Brings roll-ups up to date whose definitions are new or have changed. */
export type RollUpRecalculation = {
  /** Calculates one slice of masters. Harmless twice: every master is written only as it was read. */
  turn(): Promise<'worked' | 'idle'>
}

/** Opens the work over one org; nothing is remembered but that all is done. */
export function openRollUpRecalculation(
  org: Org,
  { slice = SLICE }: { readonly slice?: number } = {},
): RollUpRecalculation {
  let doneVersion = -1
  /** Signatures of what was found done, so that it is not asked for every time. */
  const done = new Map<string, string>()
  return {
    async turn() {
      const definitions = await org.latest()
      if (definitions.version === doneVersion) return 'idle'
      const left = definitions.rollUps.all.filter((each) => {
        return done.get(settingName(each)) !== each.signature
      })
      // All begin at once, so that they need not settle one after the other.
      const begun = await Promise.all(
        left.map(async (rollUp) => ({
          rollUp,
          progress: await progressOf(org, rollUp, definitions),
        })),
      )
      for (const { rollUp, progress } of begun) {
        if (progress.version > definitions.version) return 'idle' // another process knows better
        if (progress.isDone) {
          done.set(settingName(rollUp), rollUp.signature)
          continue
        }
        if (org.clock.real() < progress.sinceAt + SETTLED_AFTER_MS) return 'idle'
        await recalculateSlice(org, { rollUp, progress, definitions, slice })
        return 'worked'
      }
      doneVersion = definitions.version
      return 'idle'
    },
  }
}

async function progressOf(
  org: Org,
  rollUp: CompiledRollUp,
  { version }: OrgDefinitions,
): Promise<Progress> {
  const kept = await org.store.readSetting(settingName(rollUp))
  const known = kept === null ? null : (JSON.parse(kept) as Progress)
  if (known && (known.signature === rollUp.signature || known.version > version)) return known
  const { signature } = rollUp
  const begun = { signature, version, sinceAt: org.clock.real(), after: null, isDone: false }
  await write(org, rollUp, begun)
  return begun
}

function settingName({ objectName, fieldName }: CompiledRollUp): string {
  return `rollUp ${objectName}.${fieldName}`
}

async function write(org: Org, rollUp: CompiledRollUp, progress: Progress): Promise<void> {
  await org.store.writeSetting(settingName(rollUp), JSON.stringify(progress))
}

async function recalculateSlice(
  org: Org,
  {
    rollUp,
    progress,
    definitions,
    slice,
  }: {
    rollUp: CompiledRollUp
    progress: Progress
    definitions: OrgDefinitions
    slice: number
  },
): Promise<void> {
  const { objectName, fieldName } = rollUp
  const { records } = await org.store.readRecords([
    { kind: 'all', objectName, limit: slice, ...(progress.after ? { after: progress.after } : {}) },
  ])
  const outcomes = await Promise.all(
    records.map(({ recordId }) => recalculateMaster(org, rollUp, { recordId, definitions })),
  )
  const changedCount = outcomes.filter((each) => each === 'changed').length
  const last = records.at(-1)
  const isDone = records.length < slice
  await write(org, rollUp, { ...progress, after: lastOf(last) ?? progress.after, isDone })
  if (changedCount > 0 || isDone) {
    org.log.info('rollup.recalculated', {
      rollUp: `${objectName}.${fieldName}`,
      changed: changedCount,
      done: isDone,
    })
  }
}

function lastOf(record: OrgRecord | undefined): RecordId | null {
  return record ? tryRecordId(record.recordId) : null
}
