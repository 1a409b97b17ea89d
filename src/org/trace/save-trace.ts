import type { Instant } from '../../base/clock.ts'
import type { FormulaTrace } from '../../rules/trace/formula-trace.ts'
import type { RuleTrace } from '../../rules/trace/rule-trace.ts'
import type { FieldValue } from '../../schema/field-value.ts'
import type { RecordChange } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { SaveError } from '../values/save-error.ts'

/** How the save of one record was decided: each step that looked at something, in the order of the save. */
export type SaveTrace = {
  readonly traceId: string
  /** The same for all records that one call saved, those it carried along too. */
  readonly saveId: string
  readonly savedAt: Instant
  readonly objectName: string
  /** Of a record that was refused at its creation the id that nobody has. */
  readonly recordId: RecordId
  /** Null: it has none, or its name is a secret. */
  readonly recordName: string | null
  /** No rule fires for what is deleted, as at Salesforce. */
  readonly change: 'created' | 'updated' | 'deleted'
  readonly outcome:
    | 'saved'
    | 'refused' // nothing of it was written
    | 'tried' // nothing was to be written
  /** Why it was refused. */
  readonly errors: readonly SaveError[]
  readonly username: string
  /** The record's version as it was saved; null when it was not. */
  readonly version: number | null
  readonly definitionsVersion: number
  /** What the save as a whole changed, by the client, rules and flows. */
  readonly fields: readonly FieldChange[]
  readonly steps: readonly TraceStep[]
  /** Details were left out, as there were too many. */
  readonly isShortened: boolean
}

/** A field that a save changed; a secret is masked, a long text cut. */
export type FieldChange = {
  readonly field: string
  readonly before: FieldValue
  readonly after: FieldValue
}

/** One step of a save that looked at something. */
export type TraceStep = RulesStep | ToldStep

/** The workflow rules: of the record itself, or once more where the save came back to it. */
export type RulesStep = { readonly kind: 'workflowRules'; readonly rules: readonly TracedRule[] }

/** A rule with the id that its definition has in the org. */
export type TracedRule = RuleTrace & { readonly ruleId: RecordId | null }

/** Any other step: a verdict for each definition it looked at, and lines in the form of a debug log. */
export type ToldStep = {
  readonly kind: 'beforeSaveFlows' | 'validationRules' | 'afterSaveFlows' | 'timeTriggers'
  readonly verdicts: readonly StepVerdict[]
  /** Each an event and its texts, as `['VALIDATION_RULE', '03d…', 'Name']`. */
  readonly log: readonly (readonly string[])[]
}

/** What became of one definition, in one sentence. */
export type StepVerdict = {
  readonly name: string
  /** A word or two: `fired`, `passed`, `refused`, `ran`. */
  readonly verdict: string
  readonly reason: string
  /** Where it was a formula that decided. */
  readonly formula?: FormulaTrace
}

/**
 * Told by whoever decides a part of a save what that part looked at; null where nobody wants to know, and
 * then nothing is computed for it.
 */
export type TellStep = (change: RecordChange, step: TraceStep) => void

/** Sees what a save's decision looks at, step by step, of the records that it is about. */
export type SaveWitness = {
  readonly isAbout: (recordId: RecordId) => boolean
  /** The decision begins, or begins anew: what was seen before counts no more. */
  readonly begin: () => void
  readonly saw: TellStep
}
