import type { CompiledRules } from '../../rules/compile-rules.ts'
import type { CompiledFlows } from '../../rules/flow/compile-flows.ts'
import type { TimedTrigger } from './decide-entries.ts'

/** What may queue records for later, and which objects' saves have to look. */
export type TimedTriggers = {
  /** Of the object's active rules, in file order. */
  readonly forObject: (objectName: string) => readonly TimedTrigger[]
  /** Whether records of the object may be in the time queue, though nothing of it may queue them any more. */
  readonly isTimed: (objectName: string) => boolean
}

/** Sorts the time triggers of all rules and flows; `timedObjects` are those that ever had an entry. */
export function openTimedTriggers(
  rules: CompiledRules,
  flows: CompiledFlows,
  timedObjects: readonly string[],
): TimedTriggers {
  const all = [...triggersOfRules(rules), ...pathsOfFlows(flows)]
  const byObject = Map.groupBy(all, ({ objectName }) => objectName.toLowerCase())
  const timed = new Set([...byObject.keys(), ...timedObjects.map((name) => name.toLowerCase())])
  return {
    forObject: (objectName) => byObject.get(objectName.toLowerCase()) ?? [],
    isTimed: (objectName) => timed.has(objectName.toLowerCase()),
  }
}

type OfObject = TimedTrigger & { readonly objectName: string }

function triggersOfRules({ outcomes }: CompiledRules): readonly OfObject[] {
  return outcomes.flatMap((outcome) => {
    if (outcome.kind === 'broken' || !outcome.compiled.active) return []
    const { objectName, fullName, holds, timeTriggers } = outcome.compiled
    return timeTriggers.map(({ dueAt, followsField, paths }, triggerIndex) => {
      const source = { kind: 'rule', ruleFullName: fullName, triggerIndex } as const
      return { objectName, dueAt, followsField, paths, source, holds }
    })
  })
}

function pathsOfFlows({ outcomes }: CompiledFlows): readonly OfObject[] {
  return outcomes.flatMap((outcome) => {
    if (outcome.kind !== 'executed' || !outcome.compiled.active) return []
    const { objectName, fullName, scheduledPaths } = outcome.compiled
    return scheduledPaths.map(({ name, dueAt, followsField, paths, holds }) => {
      const source = { kind: 'flow', flowName: fullName, pathName: name } as const
      return { objectName, dueAt, followsField, paths, source, holds }
    })
  })
}
