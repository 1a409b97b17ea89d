import type { RecordChange } from '../../../schema/record.ts'
import type { SaveError } from '../../values/save-error.ts'
import { NOTHING_FIRED } from '../context/fire-for-save.ts'
import type { Firing, SaveContext } from '../context/save-context.ts'
import { requiredErrors } from './check-record.ts'
import { withUpdates } from './with-updates.ts'

/** A change after all that looks at the record itself: what fired, in order, or why it is refused. */
export type SavedOwn =
  | { readonly kind: 'saved'; readonly change: RecordChange; readonly firings: readonly Firing[] }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] }

/**
 * What one record's save makes of the record itself, in Salesforce's order: flows before the save, validation
 * rules, workflow rules with their field updates, flows after the save.
 */
export function saveOwn(change: RecordChange, context: SaveContext): SavedOwn {
  const early = beforeRules(change, context)
  if (early.kind === 'refused') return early
  const fired = context.fire(early.change)
  const updated = withUpdates(early.change, fired.updates, context)
  if (updated.kind === 'refused') return updated
  const late = afterRules(updated.change, context)
  if (late.kind === 'refused') return late
  return {
    kind: 'saved',
    change: late.change,
    firings: [...early.firings, fired, ...late.firings],
  }
}

/** Flows before the save may set fields; what they leave is validated like what the client sent. */
function beforeRules(change: RecordChange, context: SaveContext): SavedOwn {
  const flows = context.beforeSave(change)
  if (flows.kind === 'refused') return flows
  const updated = withUpdates(change, flows.firing.updates, context)
  if (updated.kind === 'refused') return updated
  const blanked = blankErrors(updated.change, flows.firing, context)
  const { errors, remarks } = context.validate(updated.change)
  if (blanked.length + errors.length > 0) {
    return { kind: 'refused', errors: blanked.length > 0 ? blanked : errors }
  }
  const validated = { ...NOTHING_FIRED, remarks }
  return { kind: 'saved', change: updated.change, firings: [flows.firing, validated] }
}

function blankErrors(
  { objectName, after }: RecordChange,
  { updates }: Firing,
  { definitions }: SaveContext,
): readonly SaveError[] {
  const object = definitions.objectOf(objectName)
  return object ? requiredErrors(object, after.fields, new Set(Object.keys(updates))) : []
}

/**
 * Flows after the save. What they set on the record itself goes through flows before the save and validation
 * once more, as an update of what was saved; no rule and no flow after the save looks at it again.
 */
function afterRules(change: RecordChange, context: SaveContext): SavedOwn {
  const flows = context.afterSave(change)
  if (flows.kind === 'refused') return flows
  const { updates } = flows.firing
  if (Object.keys(updates).length === 0) {
    return { kind: 'saved', change, firings: [flows.firing] }
  }
  const updated = withUpdates(change, updates, context)
  if (updated.kind === 'refused') return updated
  const blanked = blankErrors(updated.change, flows.firing, context)
  if (blanked.length > 0) return { kind: 'refused', errors: blanked }
  const again = beforeRules({ ...updated.change, before: change.after }, context)
  if (again.kind === 'refused') return again
  return {
    kind: 'saved',
    change: { ...again.change, before: change.before },
    firings: [flows.firing, ...again.firings],
  }
}
