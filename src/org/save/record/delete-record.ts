import { unreachable } from '../../../base/unreachable.ts'
import type { FieldValues } from '../../../schema/field-value.ts'
import type { ObjectDefinition } from '../../../schema/object-definition.ts'
import type { OrgRecord, RecordChange } from '../../../schema/record.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { recordNameOf } from '../../../schema/record-name.ts'
import type { Referrer } from '../../org-definitions.ts'
import { type SaveError, saveError } from '../../values/save-error.ts'
import { NOTHING_FIRED } from '../context/fire-for-save.ts'
import type { SaveContext } from '../context/save-context.ts'
import type { Carried, CarriedOrRefused } from './carry-change.ts'

/** Most records that go with one that is deleted, or let go of it. */
const CASCADE_MAX = 10_000
/** Records named in an error. */
const NAMED_MAX = 5

type Deleting = {
  readonly context: SaveContext
  /** The records that this save has written so far. */
  readonly inHand: readonly OrgRecord[]
  readonly current: (id: RecordId) => OrgRecord | undefined
  readonly deleted: Map<RecordId, RecordChange>
  /** Lookups that are let go of, by their records. */
  readonly loosened: Map<RecordId, RecordChange>
  readonly keeping: Keeping[]
}

/** A record that keeps the other from being deleted, and what is said of such. */
type Keeping = {
  readonly record: OrgRecord
  readonly object: ObjectDefinition
  readonly because: string
}

/** What goes with its account, unless it has come so far; Salesforce tells the first kind that it finds. */
const COME_SO_FAR: readonly {
  readonly objectName: string
  readonly hasCome: (fields: FieldValues) => boolean
  readonly because: string
}[] = [
  {
    objectName: 'Opportunity',
    hasCome: ({ IsWon }) => IsWon === true,
    because:
      'some opportunities in that account were closed won. The opportunities that could not be deleted are shown below',
  },
  {
    objectName: 'Contract',
    hasCome: ({ Status, StatusCode }) => Status === 'Activated' || StatusCode === 'Activated',
    because: 'it is associated with the following activated contracts',
  },
]

/**
 * Deletes a record with its details and theirs, and lets lookups go. No rule fires for any of them, as at
 * Salesforce. Refused where a lookup forbids it.
 */
export function deleteRecord(
  change: RecordChange,
  at: Pick<Deleting, 'context' | 'inHand' | 'current'>,
): CarriedOrRefused {
  const deleting: Deleting = { ...at, deleted: new Map(), loosened: new Map(), keeping: [] }
  deleting.deleted.set(change.recordId, change)
  // A Map that grows while it is walked shows what was added, too: details of details.
  for (const [recordId, { objectName }] of deleting.deleted) {
    for (const referrer of at.context.definitions.referrersOf(objectName)) {
      for (const record of recordsBehind(referrer, recordId, deleting)) {
        endReference(record, referrer, deleting)
      }
    }
    if (deleting.deleted.size + deleting.loosened.size > CASCADE_MAX) {
      return { kind: 'refused', errors: [tooMany()] }
    }
  }
  const [first, ...others] = deleting.keeping.filter(({ record }) => {
    return !deleting.deleted.has(record.recordId)
  })
  if (first) {
    const { after, objectName, recordId } = change
    const object = at.context.definitions.objectOf(objectName)
    const name = recordNameOf(object, after) ?? recordId
    return { kind: 'refused', errors: [kept(name, [first, ...others])] }
  }
  return { kind: 'carried', steps: stepsOf(deleting) }
}

/** The living records that refer to the deleted one by the field, as this save has them. */
function recordsBehind(
  { object, field }: Referrer,
  masterId: RecordId,
  { context, inHand, current }: Deleting,
): readonly OrgRecord[] {
  const committed = context.detailsOf({
    objectName: object.name,
    foreignKey: field.name,
    masterId,
    fields: null,
  })
  const found = [...(committed ?? []).map((each) => current(each.recordId) ?? each), ...inHand]
  const once = new Map(found.map((each) => [each.recordId, each]))
  return [...once.values()].filter(({ objectName, fields }) => {
    return (
      objectName === object.name && fields[field.name] === masterId && fields['IsDeleted'] !== true
    )
  })
}

function endReference(
  record: OrgRecord,
  { object, field, end }: Referrer,
  deleting: Deleting,
): void {
  const { objectName, recordId } = record
  switch (end) {
    case 'Cascade': {
      const far = COME_SO_FAR.find((each) => each.objectName === objectName)
      if (field.name === 'AccountId' && far?.hasCome(record.fields)) {
        deleting.keeping.unshift({ record, object, because: far.because })
      } else if (!deleting.deleted.has(recordId)) {
        const after = { ...record, fields: { ...record.fields, IsDeleted: true } }
        deleting.deleted.set(recordId, { objectName, recordId, before: record, after })
      }
      return
    }
    case 'Restrict': {
      const because = `it is associated with the following ${object.labelPlural.toLowerCase()}`
      deleting.keeping.push({ record, object, because })
      return
    }
    case 'SetNull': {
      const known = deleting.loosened.get(recordId)
      const last = known?.after ?? record
      const after = { ...last, fields: { ...last.fields, [field.name]: null } }
      deleting.loosened.set(recordId, { objectName, recordId, before: record, after })
      return
    }
    default:
      unreachable(end)
  }
}

function stepsOf({ deleted, loosened }: Deleting): readonly Carried[] {
  const step = (write: Carried['write']) => (change: RecordChange) => ({
    write,
    change,
    firing: NOTHING_FIRED,
  })
  const staying = [...loosened.values()].filter(({ recordId }) => !deleted.has(recordId))
  return [...[...deleted.values()].map(step('delete')), ...staying.map(step('update'))]
}

/** In Salesforce's words, down to the line's end: clients look for them. */
function kept(name: string, keeping: readonly [Keeping, ...Keeping[]]): SaveError {
  const [{ because }] = keeping
  const names = keeping
    .filter((each) => each.because === because)
    .slice(0, NAMED_MAX)
    .map(({ object, record }) => recordNameOf(object, record) ?? record.recordId)
  return saveError(
    'DELETE_FAILED',
    `Your attempt to delete ${name} could not be completed because ${because}.: ${names.join(', ')}\n`,
  )
}

function tooMany(): SaveError {
  return saveError(
    'DELETE_FAILED',
    `more than ${CASCADE_MAX} records would go with it or let go of it: delete some of them before`,
  )
}
