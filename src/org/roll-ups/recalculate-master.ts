import type { CompiledRollUp } from '../../rules/roll-up/compile-roll-ups.ts'
import { emptyRollUp, rollUpChanges } from '../../rules/roll-up/roll-up.ts'
import { fieldOf } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { openEvaluation, standingRecord } from '../formulas/evaluation-base.ts'
import { firstUserId } from '../founding/found-org.ts'
import { knownUser } from '../known-names.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import { openFinding } from '../save/found-for-save.ts'
import { readPaths } from '../save/read-paths.ts'
import { coerceValue } from '../values/coerce-value.ts'

/** Details of one statement. */
const PAGE = 5000
/** A master that others keep saving is left to the next turn. */
const TRIES_MAX = 20

/**
 * Calculates one roll-up of one master over all its details, and writes it if it differs. No rule fires and
 * nobody is said to have modified the master, as at Salesforce. Throws when others kept saving it.
 */
export async function recalculateMaster(
  org: Org,
  rollUp: CompiledRollUp,
  { recordId, definitions }: { recordId: RecordId; definitions: OrgDefinitions },
): Promise<'changed' | 'same'> {
  for (let tryCount = 1; tryCount <= TRIES_MAX; tryCount += 1) {
    // Savers of this process wait meanwhile, those of others may win: then it is calculated again.
    const outcome = await org.locks.holding([recordId], async () => {
      const master = await readMaster(org, rollUp, recordId)
      if (!master) return 'same' as const
      const value = await rolledUp(org, rollUp, { recordId, definitions })
      if (value === (master.fields[rollUp.fieldName] ?? null)) return 'same' as const
      return write(org, master, { [rollUp.fieldName]: value })
    })
    if (outcome !== 'lost') return outcome
  }
  throw new Error(`${recordId} was saved ${TRIES_MAX} times while its roll-up was calculated`)
}

async function readMaster(
  org: Org,
  { objectName }: CompiledRollUp,
  recordId: RecordId,
): Promise<OrgRecord | undefined> {
  const { records } = await org.store.readRecords([{ kind: 'ids', objectName, ids: [recordId] }])
  return records[0]
}

async function write(
  org: Org,
  master: OrgRecord,
  values: OrgRecord['fields'],
): Promise<'changed' | 'lost'> {
  const { objectName, recordId, version } = master
  const record = { ...master, version: version + 1, fields: { ...master.fields, ...values } }
  const answer = await org.store.commit({
    records: [{ kind: 'update', record }],
    notifications: [],
    expectations: [{ kind: 'unchanged', recordId, objectName, version }],
  })
  return answer.kind === 'committed' ? 'changed' : 'lost'
}

/** Page by page: of a master with many details only the value so far is held. */
async function rolledUp(
  org: Org,
  rollUp: CompiledRollUp,
  { recordId, definitions }: { recordId: RecordId; definitions: OrgDefinitions },
): Promise<string | null> {
  const { childObject, foreignKey, reads } = rollUp
  const found = openFinding(org.store, definitions)
  const user = await knownUser(org, firstUserId())
  const related = (id: RecordId) => found.recordOf(id)
  const base = await openEvaluation(org, { definitions, user, now: org.clock.now(), related })
  let value = emptyRollUp(rollUp)
  for (let after: RecordId | undefined; ; ) {
    const { records } = await org.store.readRecords([
      {
        kind: 'key',
        objectName: childObject,
        field: foreignKey,
        values: [recordId],
        fields: [foreignKey, ...reads],
        limit: PAGE,
        ...(after ? { after } : {}),
      },
    ])
    await readPaths(
      found,
      records.map(({ fields }) => ({ fields, paths: rollUp.paths })),
    )
    const changes = records.map((detail) => ({
      before: undefined,
      after: rollUp.contribution(standingRecord(base, detail)),
    }))
    const rolled = rollUpChanges(rollUp, value, changes)
    if (rolled.kind === 'value') value = rolled.value
    after = records.at(-1)?.recordId
    if (records.length < PAGE) return fitted(rollUp, definitions, value)
  }
}

/** A value beyond the field is blank here: there is nobody to refuse. */
function fitted(
  { objectName, fieldName }: CompiledRollUp,
  definitions: OrgDefinitions,
  value: string | null,
): string | null {
  const object = definitions.objectOf(objectName)
  const field = object && fieldOf(object, fieldName)
  const coerced = field ? coerceValue(field, value) : null
  return coerced?.kind === 'value' && typeof coerced.value === 'string' ? coerced.value : null
}
