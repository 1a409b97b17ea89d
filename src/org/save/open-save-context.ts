import type { RecordId } from '../../schema/record-id.ts'
import { openEvaluation } from '../formulas/evaluation-base.ts'
import { savedAtText } from '../founding/founding-record.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { OrgUser } from '../people/running-users.ts'
import type { FoundForSave } from './found-for-save.ts'
import { defaultValues } from './record/default-values.ts'
import type { SaveContext } from './save-context.ts'

/** Fixes what a decision looks at besides the records: who, when, the rules, the custom settings. */
export async function openSaveContext(
  org: Org,
  at: { definitions: OrgDefinitions; user: OrgUser; found: FoundForSave; missed: Set<RecordId> },
): Promise<SaveContext> {
  const now = org.clock.now()
  const { definitions, user, found, missed } = at
  const related = (id: RecordId) => {
    if (!found.hasAskedFor(id)) missed.add(id)
    return found.recordOf(id)
  }
  const base = await openEvaluation(org, { definitions, user, now, related })
  return {
    definitions,
    organizationId: org.organizationId,
    userId: user.userId,
    permissions: user.permissions,
    now,
    nowText: savedAtText(now),
    defaultsFor: (object, given) =>
      defaultValues(object, given, { formulas: definitions.formulas, base }),
    fire: () => ({ updates: {}, parents: [], fired: [] }),
  }
}
