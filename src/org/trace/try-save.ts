import type { RuleOutcome } from '../../rules/compile-rules.ts'
import { decodeFullName } from '../../rules/rule-problem.ts'
import type { RuleTrace } from '../../rules/trace/rule-trace.ts'
import type { RecordChange } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import { openIdPool } from '../save/context/id-pool.ts'
import { type Decision, decideSave } from '../save/decide-save.ts'
import { decideFully, type Prepared, prepareSave } from '../save/prepare-save.ts'
import type { RawFields, SaveResult } from '../save/record-edit.ts'
import type { SaveError } from '../values/save-error.ts'
import type { SaveTrace, TraceStep } from './save-trace.ts'
import { newTraceId } from './trace-id.ts'
import { traceSave } from './trace-save.ts'

/** A save to be decided and told, of which nothing is written. */
export type TryAsk = {
  /** The running user. */
  readonly userId: RecordId
  readonly recordId: RecordId
  /** What the save would change; nothing is a save that changes nothing. */
  readonly fields: RawFields
  /** A rule by its name, with or without `Object.`, as people or files write it; null tries the whole save. */
  readonly rule: string | null
  /** True: the rule is tried as if the record were being created. */
  readonly asNew: boolean
}

/** What came of it. */
export type Tried =
  | { readonly kind: 'tried'; readonly trace: SaveTrace }
  | { readonly kind: 'no such rule' }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] } // before any rule could be asked

/** Decides a save without writing it, and tells of the whole of it, or of one rule, active or not. */
export async function trySave(org: Org, ask: TryAsk): Promise<Tried> {
  const definitions = await org.latest()
  const objectName = definitions.objectOfId(ask.recordId)?.name ?? ''
  const outcome = ask.rule === null ? null : ruleNamed(definitions, objectName, ask.rule)
  if (outcome === undefined) return { kind: 'no such rule' }
  const { recordId, fields } = ask
  const edit = { kind: 'update', objectName, recordId, fields } as const
  const work = { edits: [edit], due: [] }
  const prepared = await prepareSave(org, work, {
    userId: ask.userId,
    refusals: new Map(),
    assigned: new Map(),
    newIds: openIdPool(org.serials),
  })
  const decision = await decideFully(prepared)
  const errors = prepared.errors.get(0) ?? decision.refusals.get(0)
  const change = changeOf(prepared, decision)
  if (change === null) return { kind: 'refused', errors: errors ?? [] }
  const result: SaveResult = errors
    ? { kind: 'refused', errors }
    : { kind: 'saved', recordId, isCreated: false }
  const told = traceSave({ tries: [prepared], results: [result] }, newTraceId)
  const trace = [...told].flat().find((each) => each.recordId === recordId)
  if (!trace) return { kind: 'refused', errors: errors ?? [] }
  const tried = { ...trace, outcome: 'tried', version: null } as const
  if (!outcome) return { kind: 'tried', trace: tried }
  const rule = await tellRule(prepared, outcome, ask.asNew ? { ...change, before: null } : change)
  const ruleId = prepared.context.definitions.idOf('rule', keyOf(outcome))
  const steps = [{ kind: 'workflowRules', rules: [{ ...rule, ruleId }] }] as const
  return { kind: 'tried', trace: { ...tried, steps } }
}

/** The record's change as it comes to its rules, or as far as it comes; null where it comes to none. */
function changeOf(
  { pending, found: read, context, missed }: Prepared,
  { written }: Decision,
): RecordChange | null {
  const seen: { readonly change: RecordChange; readonly kind: TraceStep['kind'] }[] = []
  missed.newIds.restart()
  decideSave(
    pending,
    read,
    context.witnessed({
      isAbout: (id) => id === pending[0]?.edit.recordId,
      begin: () => seen.splice(0),
      saw: (change, { kind }) => seen.push({ change, kind }),
    }),
  )
  const recordId = pending[0]?.edit.recordId
  const found = seen.find(({ kind }) => kind === 'workflowRules') ?? seen.at(-1)
  const saved = recordId ? written.get(recordId) : undefined
  if (found || !recordId || !saved) return found?.change ?? null
  const { before, after } = saved
  return { objectName: after.objectName, recordId, before, after }
}

function keyOf({ rule }: RuleOutcome): string {
  return `${rule.objectName}.${rule.fullName}`
}

/** Of rules that share a name the one of the record's own object. */
function ruleNamed(
  { rules }: OrgDefinitions,
  objectName: string,
  name: string,
): RuleOutcome | undefined {
  const wanted = name.toLowerCase()
  const isNamed = ({ rule }: RuleOutcome) => {
    const names = [rule.fullName, decodeFullName(rule.fullName)]
    return names.some((each) =>
      [each, `${rule.objectName}.${each}`].some((full) => full.toLowerCase() === wanted),
    )
  }
  return rules.outcomesOf(objectName).find(isNamed) ?? rules.outcomes.find(isNamed)
}

/** Ways to parents are read in rounds, as for a save. */
const READ_ROUNDS_MAX = 12

/** An inactive rule's parents have not been read with the save: it is evaluated until nothing is missing. */
async function tellRule(
  { context, found, missed }: Prepared,
  outcome: RuleOutcome,
  change: RecordChange,
): Promise<RuleTrace> {
  for (let round = 1; ; round += 1) {
    missed.ids.clear()
    const told = context.tellRule(outcome, change)
    if (missed.ids.size === 0 || round === READ_ROUNDS_MAX) return told
    await found.read({ ids: missed.ids })
  }
}
