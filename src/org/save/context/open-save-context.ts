import type { Lookup } from '../../../rules/field-updates/compile-field-update.ts'
import { traceRule } from '../../../rules/trace/trace-rules.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import { openEvaluation } from '../../formulas/evaluation-base.ts'
import { type Names, NO_NAMES } from '../../formulas/named-records.ts'
import { savedAtText } from '../../founding/founding-record.ts'
import type { Org } from '../../open-org.ts'
import type { OrgDefinitions } from '../../org-definitions.ts'
import type { OrgUser } from '../../people/running-users.ts'
import type { SaveWitness } from '../../trace/save-trace.ts'
import type { DetailsAsk, FoundForSave } from '../found-for-save.ts'
import type { RecordKey } from '../parse-edit.ts'
import { defaultValues } from '../record/default-values.ts'
import { openRecordTypes } from '../record/record-types.ts'
import { fireDue } from './fire-due.ts'
import { fireForSave } from './fire-for-save.ts'
import { flowsForSave } from './flows-for-save.ts'
import type { IdPool } from './id-pool.ts'
import { rollUpForSave } from './roll-up-for-save.ts'
import type { SaveContext } from './save-context.ts'
import { timersForSave } from './timers-for-save.ts'
import { validateForSave } from './validate-for-save.ts'

/** What the rules looked for and nobody had read, and the ids that were short: grows while deciding. */
export type Missed = {
  readonly ids: Set<RecordId>
  readonly keys: Map<string, RecordKey>
  readonly details: Set<DetailsAsk>
  readonly newIds: IdPool
}

/** Fixes what a decision looks at besides the records: who, when, the rules, the custom settings. */
export async function openSaveContext(
  org: Org,
  at: { definitions: OrgDefinitions; user: OrgUser; found: FoundForSave; missed: Missed },
): Promise<SaveContext> {
  const now = org.clock.now()
  const { definitions, user, found, missed } = at
  const related = (id: RecordId) => {
    if (!found.hasAskedFor(id)) missed.ids.add(id)
    const record = found.recordOf(id)
    return record?.fields.IsDeleted === true ? undefined : record
  }
  const detailsOf = (ask: DetailsAsk) => {
    const details = found.detailsOf(ask)
    if (!details) missed.details.add(ask)
    return details ?? null
  }
  const recordNamed = (objectName: string, value: string) => {
    const key = { objectName, field: 'Name', value }
    if (!found.hasAskedForKey(key)) missed.keys.set(`${objectName} ${value}`, key)
    return found.holderOf(key)
  }
  const base = await openEvaluation(org, { definitions, user, now, related })
  const names = await namesFor(org, definitions)
  const lookup = openLookup(names, { found, missed })
  const recordTypes = openRecordTypes(names, user.permissions)
  const contextWith = (witness: SaveWitness | null): SaveContext => {
    const to = ({ recordId }: { recordId: RecordId }) =>
      witness?.isAbout(recordId) ? witness.saw : null
    return {
      definitions,
      organizationId: org.organizationId,
      userId: user.userId,
      username: user.username,
      permissions: user.permissions,
      now,
      nowText: savedAtText(now),
      defaultsFor: (object, given) =>
        defaultValues(object, given, { formulas: definitions.formulas, base, recordTypes }),
      recordTypes,
      beforeSave: (change) =>
        flowsForSave('beforeSaveFlows', change, { definitions, base, witness: to(change) }),
      validate: (change) =>
        validateForSave(change, {
          definitions,
          base: { ...base, recordNamed },
          witness: to(change),
        }),
      fire: (change) => fireForSave(change, { definitions, base, lookup, witness: to(change) }),
      rollUp: (written) => rollUpForSave(written, { definitions, base, detailsOf }),
      detailsOf,
      related,
      afterSave: (change) =>
        flowsForSave('afterSaveFlows', change, { definitions, base, witness: to(change) }),
      timers: timersForSave({ definitions, base, found, witnessOf: to }),
      fireDue: (source, record) =>
        fireDue(source, record, { definitions, base, lookup, witness: to(record) }),
      newId: missed.newIds.take,
      tellRule: (outcome, change) => traceRule(outcome, change, base),
      begin: () => witness?.begin(),
      witnessed: contextWith,
    }
  }
  return contextWith(null)
}

/** Read only where something asks for them. */
async function namesFor(org: Org, definitions: OrgDefinitions): Promise<Names> {
  const { tasks, fieldUpdates, objects } = definitions
  const isUsed =
    tasks.some(({ assignedToType }) => assignedToType === 'role') ||
    fieldUpdates.some(
      ({ lookupValueType }) => lookupValueType === 'Queue' || lookupValueType === 'RecordType',
    ) ||
    objects.some(({ recordTypes }) => recordTypes.length > 0)
  return isUsed ? org.namedRecords.names() : NO_NAMES
}

function openLookup(
  names: Names,
  { found, missed }: { found: FoundForSave; missed: Missed },
): Lookup {
  return (type, name, objectName) => {
    switch (type) {
      case 'Queue':
        return names.queueNamed(name)
      case 'RecordType':
        return names.recordTypeNamed(name, objectName)
      case 'Role':
        return names.soleUserOfRole(name)
      case 'User': {
        const key = { objectName: 'User', field: 'Username', value: name }
        if (!found.hasAskedForKey(key)) missed.keys.set(name.toLowerCase(), key)
        return found.holderOf(key)?.recordId ?? null
      }
    }
  }
}
