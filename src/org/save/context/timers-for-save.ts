import type { RecordChange } from '../../../schema/record.ts'
import type { EvaluationBase } from '../../formulas/evaluation-base.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import { decideEntries } from '../../time-queue/decide-entries.ts'
import type { Timers } from '../../time-queue/entry-book.ts'
import type { TellStep } from '../../trace/save-trace.ts'
import { tellTimers } from '../../trace/steps/tell-timers.ts'
import type { FoundForSave } from '../found-for-save.ts'

/** What a save asks about the time queue; records of objects that are never queued cost it nothing. */
export function timersForSave(at: {
  definitions: OrgDefinitions
  base: EvaluationBase
  found: FoundForSave
  witnessOf: (change: RecordChange) => TellStep | null
}): Timers {
  const { definitions, base, found, witnessOf } = at
  const { timers } = definitions
  return {
    entriesOf: found.entriesOf,
    decide(change, { rules, flows, chainIndex }, held) {
      const { objectName, before, after } = change
      const triggers = timers.forObject(objectName)
      if (triggers.length === 0 && held.length === 0) return { held: [], ended: [] }
      const decided = decideEntries({
        held,
        triggers,
        isFired: (source) =>
          source.kind === 'rule'
            ? rules.includes(source.ruleFullName)
            : flows.includes(source.flowName),
        chainIndex,
        context: { ...base, record: after, before, isNew: before === null },
      })
      const witness = witnessOf(change)
      if (witness !== null) tellTimers(change, { before: held, decided, witness })
      return decided
    },
  }
}
