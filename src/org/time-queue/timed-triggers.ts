import type { CompiledRules } from '../../rules/compile-rules.ts'
import type { TimedTrigger } from './decide-entries.ts'

/** What may queue records for later, and which objects' saves have to look. */
export type TimedTriggers = {
  /** Of the object's active rules, in file order. */
  readonly forObject: (objectName: string) => readonly TimedTrigger[]
  /** Whether records of the object may be in the time queue, though nothing of it may queue them any more. */
  readonly isTimed: (objectName: string) => boolean
}

/** Sorts the time triggers of all rules; `timedObjects` are those that ever had an entry. */
export function openTimedTriggers(
  rules: CompiledRules,
  timedObjects: readonly string[],
): TimedTriggers {
  const byObject = new Map<string, TimedTrigger[]>()
  for (const outcome of rules.outcomes) {
    if (outcome.kind === 'broken' || !outcome.compiled.active) continue
    const { objectName, fullName, holds, timeTriggers } = outcome.compiled
    if (timeTriggers.length === 0) continue
    const triggers = timeTriggers.map((trigger, triggerIndex): TimedTrigger => {
      const { dueAt, followsField, paths } = trigger
      const source = { kind: 'rule', ruleFullName: fullName, triggerIndex } as const
      return { dueAt, followsField, paths, source, holds }
    })
    const key = objectName.toLowerCase()
    byObject.set(key, [...(byObject.get(key) ?? []), ...triggers])
  }
  const timed = new Set([...byObject.keys(), ...timedObjects.map((name) => name.toLowerCase())])
  return {
    forObject: (objectName) => byObject.get(objectName.toLowerCase()) ?? [],
    isTimed: (objectName) => timed.has(objectName.toLowerCase()),
  }
}
