import type { CompiledFieldUpdate } from '../field-updates/compile-field-update.ts'
import type { Report } from '../rule-problem.ts'
import type { ActionReference } from '../workflow-rule.ts'
import type { CompiledTask } from './compile-task.ts'

/** The actions of a rule or of one of its time triggers, found by their names; each list in file order. */
export type RuleActions = {
  readonly fieldUpdates: readonly CompiledFieldUpdate[]
  /** `Object.Name` of each. */
  readonly outboundMessages: readonly string[]
  readonly tasks: readonly CompiledTask[]
  /** `Object.Name` of each e-mail alert. */
  readonly alerts: readonly string[]
  /** What is not carried out: kinds that OBM has not, and actions that are broken. */
  readonly otherActions: readonly ActionReference[]
}

/** The actions of an org by `object.name` in lower case; a broken one is there as null, of others their key is. */
export type ActionScope = {
  readonly fieldUpdates: ReadonlyMap<string, CompiledFieldUpdate | null>
  readonly tasks: ReadonlyMap<string, CompiledTask | null>
  readonly outboundMessages: ReadonlyMap<string, string>
  readonly alerts: ReadonlyMap<string, string>
}

/** Keys as they are spelled, by their lower-case form. */
export function byLowerCase(keys: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...keys].map((key) => [key.toLowerCase(), key]))
}

/** Finds the actions that a rule names. A reference to one that is not there is a warning, and is passed over. */
export function compileActions(
  references: readonly ActionReference[],
  at: { readonly objectName: string; readonly scope: ActionScope },
  report: Report,
): RuleActions {
  const { objectName, scope } = at
  const fieldUpdates: CompiledFieldUpdate[] = []
  const outboundMessages: string[] = []
  const tasks: CompiledTask[] = []
  const alerts: string[] = []
  const otherActions: ActionReference[] = []
  const take = <Action>(
    reference: ActionReference,
    found: Action | null | undefined,
    { taken, what }: { taken: Action[]; what: string },
  ) => {
    if (found === null) otherActions.push(reference)
    else if (found !== undefined) taken.push(found)
    else report.warning('ACTION_UNKNOWN', `there is no ${what} ${objectName}.${reference.name}`)
  }
  for (const reference of references) {
    const key = `${objectName}.${reference.name}`.toLowerCase()
    switch (reference.type) {
      case 'FieldUpdate':
        take(reference, scope.fieldUpdates.get(key), { taken: fieldUpdates, what: 'field update' })
        break
      case 'Task':
        take(reference, scope.tasks.get(key), { taken: tasks, what: 'task' })
        break
      case 'OutboundMessage':
        take(reference, scope.outboundMessages.get(key), {
          taken: outboundMessages,
          what: 'outbound message',
        })
        break
      case 'Alert':
        take(reference, scope.alerts.get(key), { taken: alerts, what: 'e-mail alert' })
        break
      default:
        otherActions.push(reference)
    }
  }
  return { fieldUpdates, outboundMessages, tasks, alerts, otherActions }
}

/** Ways to the parents that the actions look at. */
export function pathsOfActions(actions: RuleActions): readonly (readonly string[])[] {
  return [...actions.fieldUpdates, ...actions.tasks].flatMap(({ paths }) => paths)
}
