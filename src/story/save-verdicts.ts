import type { SaveTrace, TraceStep } from '../org/trace/save-trace.ts'

/** What a save made of one definition, in one sentence. */
export type SaveVerdict = {
  readonly step: TraceStep['kind']
  readonly name: string
  readonly verdict: string
  readonly reason: string
}

/** The verdict of each definition that a save looked at; of a rule that was looked at in several rounds the last. */
export function verdictsOf({ steps }: Pick<SaveTrace, 'steps'>): readonly SaveVerdict[] {
  const verdicts = new Map<string, SaveVerdict>()
  for (const [place, step] of steps.entries()) {
    const told = step.kind === 'workflowRules' ? step.rules : step.verdicts
    for (const { name, verdict, reason } of told) {
      verdicts.set(`${place} ${name}`, { step: step.kind, name, verdict, reason })
    }
  }
  return [...verdicts.values()]
}
