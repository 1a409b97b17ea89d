import { cutText, shownValue } from '../../rules/trace/shown-value.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { fieldOf, type ObjectDefinition } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { recordNameOf } from '../../schema/record-name.ts'
import type { SaveContext } from '../save/context/save-context.ts'
import type { FieldChange, SaveTrace } from './save-trace.ts'

/** A record and what a save made of it, to be written down as a trace. */
export type Outcome = Pick<SaveTrace, 'traceId' | 'saveId' | 'outcome' | 'errors' | 'steps'> & {
  readonly context: SaveContext
  readonly before: OrgRecord | null
  /** As it was saved, or would have been. */
  readonly after: OrgRecord
}

/** Writes a trace down: values cut, secrets masked, what did not change left out. */
export function writeDown({ context, before, after, ...outcome }: Outcome): SaveTrace {
  const { definitions, username, now } = context
  const { objectName, recordId, version } = after
  const object = definitions.objectOf(objectName)
  const name = recordNameOf(object, after)
  return {
    ...outcome,
    savedAt: now,
    objectName,
    recordId,
    recordName: name === null ? null : cutText(name),
    change: changeOf(before, after),
    username,
    version: outcome.outcome === 'saved' ? version : null,
    definitionsVersion: definitions.version,
    fields: fieldChanges(object, before?.fields ?? {}, after.fields),
    isShortened: false,
  }
}

function changeOf(before: OrgRecord | null, after: OrgRecord): SaveTrace['change'] {
  if (before === null) return 'created'
  return after.fields['IsDeleted'] === true && before.fields['IsDeleted'] !== true
    ? 'deleted'
    : 'updated'
}

/** A trace tells of so many changed fields. */
const FIELDS_MAX = 100

/** What people did not write themselves tells nothing: the stamps of a save. */
const STAMPS: ReadonlySet<string> = new Set([
  'CreatedDate',
  'CreatedById',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
])

function fieldChanges(
  object: ObjectDefinition | undefined,
  before: FieldValues,
  after: FieldValues,
): readonly FieldChange[] {
  return Object.entries(after)
    .filter(([name, value]) => !STAMPS.has(name) && value !== (before[name] ?? blankLike(value)))
    .slice(0, FIELDS_MAX)
    .map(([field, value]) => {
      const isSecret = object ? fieldOf(object, field)?.secret === true : true
      return {
        field,
        before: shownValue(before[field] ?? null, isSecret),
        after: shownValue(value, isSecret),
      }
    })
}

/** A checkbox that was not there before is as good as unchecked. */
function blankLike(value: FieldValues[string]): FieldValues[string] {
  return typeof value === 'boolean' ? false : null
}
