import type { ObjectDefinition } from '../schema/object-definition.ts'
import { byLowerCase, pathsOfActions } from './actions/compile-actions.ts'
import { type CompiledTask, compileTask } from './actions/compile-task.ts'
import { type CompiledRule, compileRule } from './compile-rule.ts'
import type { CriteriaSettings } from './criteria/criteria-settings.ts'
import {
  type CompiledFieldUpdate,
  compileFieldUpdate,
} from './field-updates/compile-field-update.ts'
import type { FormulaFieldCache } from './formula/scope.ts'
import { decodeFullName, type RuleProblem, reportAt } from './rule-problem.ts'
import type { FieldUpdate, WorkflowRule, WorkflowTask } from './workflow-rule.ts'

/** The definitions to compile, as metadata or Setup say them. */
export type RuleDefinitions = {
  readonly rules: readonly WorkflowRule[]
  readonly fieldUpdates: readonly FieldUpdate[]
  readonly tasks: readonly WorkflowTask[]
  /** `Object.Name` of every outbound message. */
  readonly outboundMessageKeys: Iterable<string>
  /** `Object.Name` of every e-mail alert. */
  readonly alertKeys: Iterable<string>
  /** Finds an object's definition, whatever the name's case. */
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly settings: CriteriaSettings
}

/** What became of one rule. */
export type RuleOutcome =
  | { readonly kind: 'compiled'; readonly rule: WorkflowRule; readonly compiled: CompiledRule }
  | {
      readonly kind: 'broken'
      readonly rule: WorkflowRule
      readonly problems: readonly RuleProblem[]
    }

/** All rules of an org, ready to be evaluated. */
export type CompiledRules = {
  /** The object's active rules that work, in file order. */
  readonly forObject: (objectName: string) => readonly CompiledRule[]
  /** The rule of that name that works, active or not, if it has time triggers: what it queued may still be due. */
  readonly timedRule: (objectName: string, fullName: string) => CompiledRule | undefined
  /**
   * Ways to the parents that must be read before the object's rules are evaluated, as reference fields
   * from the record: `['AccountId', 'OwnerId']`. Every record on a way is needed, of the old values' parents
   * as of the new ones': `related` is asked for them by their ids.
   */
  readonly pathsOf: (objectName: string) => readonly (readonly string[])[]
  readonly outcomes: readonly RuleOutcome[]
  /** Those of the object's rules, inactive and broken ones too, in file order. */
  readonly outcomesOf: (objectName: string) => readonly RuleOutcome[]
  readonly problems: readonly RuleProblem[]
}

/** Compiles every rule by itself: one that is broken is reported and keeps no other from working. */
export function compileRules(definitions: RuleDefinitions): CompiledRules {
  const { objects, settings } = definitions
  const problems: RuleProblem[] = []
  const formulaFields: FormulaFieldCache = new Map()
  const fieldUpdates = compileFieldUpdates(definitions, { formulaFields, problems })
  const tasks = compileTasks(definitions, { formulaFields, problems })
  const scope = {
    objects,
    settings,
    formulaFields,
    fieldUpdates,
    tasks,
    outboundMessages: byLowerCase(definitions.outboundMessageKeys),
    alerts: byLowerCase(definitions.alertKeys),
  }

  const outcomes = definitions.rules.map((rule): RuleOutcome => {
    const itsFirst = problems.length
    const report = reportAt(
      problems,
      rule.place,
      `rule ${rule.objectName} ${decodeFullName(rule.fullName)}`,
    )
    const compiled = compileRule(rule, scope, report)
    if (compiled !== null) return { kind: 'compiled', rule, compiled }
    return { kind: 'broken', rule, problems: problems.slice(itsFirst) }
  })

  const outcomesByObject = Map.groupBy(outcomes, ({ rule }) => rule.objectName.toLowerCase())
  const active = new Map<string, CompiledRule[]>()
  for (const outcome of outcomes) {
    if (outcome.kind === 'broken' || !outcome.compiled.active) continue
    const key = outcome.compiled.objectName.toLowerCase()
    active.set(key, [...(active.get(key) ?? []), outcome.compiled])
  }
  const timed = new Map(
    outcomes.flatMap((outcome) => {
      const isTimed = outcome.kind === 'compiled' && outcome.compiled.timeTriggers.length > 0
      return isTimed ? [[timedKey(outcome.rule), outcome.compiled] as const] : []
    }),
  )
  const paths = new Map([...active].map(([key, rules]) => [key, pathsOfRules(rules)]))
  return {
    forObject: (objectName) => active.get(objectName.toLowerCase()) ?? NONE,
    timedRule: (objectName, fullName) => timed.get(timedKey({ objectName, fullName })),
    pathsOf: (objectName) => paths.get(objectName.toLowerCase()) ?? NONE,
    outcomes,
    outcomesOf: (objectName) => outcomesByObject.get(objectName.toLowerCase()) ?? NONE,
    problems,
  }
}

const NONE: readonly never[] = []

function timedKey({ objectName, fullName }: { objectName: string; fullName: string }): string {
  return `${objectName.toLowerCase()} ${fullName}`
}

function compileFieldUpdates(
  { fieldUpdates, objects, settings }: RuleDefinitions,
  { formulaFields, problems }: { formulaFields: FormulaFieldCache; problems: RuleProblem[] },
): ReadonlyMap<string, CompiledFieldUpdate | null> {
  return new Map(
    fieldUpdates.map((update) => {
      const key = `${update.objectName}.${update.fullName}`
      const report = reportAt(problems, update.place, `field update ${key}`)
      return [
        key.toLowerCase(),
        compileFieldUpdate(update, { objects, settings, formulaFields }, report),
      ] as const
    }),
  )
}

function compileTasks(
  { tasks, objects }: RuleDefinitions,
  { formulaFields, problems }: { formulaFields: FormulaFieldCache; problems: RuleProblem[] },
): ReadonlyMap<string, CompiledTask | null> {
  return new Map(
    tasks.map((task) => {
      const key = `${task.objectName}.${task.fullName}`
      const report = reportAt(problems, task.place, `task ${key}`)
      return [key.toLowerCase(), compileTask(task, { objects, formulaFields }, report)] as const
    }),
  )
}

/** Each way once; a way that is the beginning of a longer one is left out. */
function pathsOfRules(rules: readonly CompiledRule[]): readonly (readonly string[])[] {
  const all = rules.flatMap((rule) => [
    ...rule.paths,
    ...pathsOfActions(rule),
    ...rule.timeTriggers.flatMap(({ paths }) => paths),
  ])
  const byText = new Map(all.map((path) => [path.join('.'), path]))
  const begun = new Set<string>()
  for (const path of byText.values()) {
    for (let length = 1; length < path.length; length += 1)
      begun.add(path.slice(0, length).join('.'))
  }
  return [...byText].filter(([text]) => !begun.has(text)).map(([, path]) => path)
}
