import type { SaveTrace } from '../org/trace/save-trace.ts'
import { verdictsOf } from './save-verdicts.ts'
import type { StoryEvent } from './timeline.ts'

/** So many changed fields are named in one step. */
const FIELDS_NAMED_MAX = 5

/** The traced saves as steps, the oldest first, each with what it made of every rule. */
export function saveEvents(traces: readonly SaveTrace[]): readonly StoryEvent[] {
  return traces.toReversed().map((trace) => ({
    at: trace.savedAt,
    kind: trace.change === 'deleted' && trace.outcome === 'saved' ? 'recordDeleted' : 'recordSaved',
    text: saveText(trace),
    notificationId: null,
    emailId: null,
    attemptId: null,
    runId: null,
    traceId: trace.traceId,
    verdicts: verdictsOf(trace),
  }))
}

function saveText({ username, change, outcome, version, errors, fields }: SaveTrace): string {
  if (outcome !== 'saved') {
    const why = errors[0]?.message ?? 'it could not be saved'
    const what = change === 'deleted' ? 'a deletion' : 'a save'
    return `${what} by ${username} was refused: ${why}`
  }
  if (change === 'created') return `${username} created the record`
  if (change === 'deleted') return `${username} deleted the record: no rule fires for that`
  const names = fields.slice(0, FIELDS_NAMED_MAX).map(({ field }) => field)
  const more = fields.length - names.length
  const changed = names.length === 0 ? 'nothing changed' : `changed ${names.join(', ')}`
  const rest = more > 0 ? ` and ${more} more` : ''
  return `${username} saved the record (its version ${version}): ${changed}${rest}`
}
