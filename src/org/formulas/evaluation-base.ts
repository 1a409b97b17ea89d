import type { Instant } from '../../base/clock.ts'
import type { EvaluationContext } from '../../rules/evaluation-context.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { OrgUser } from '../people/running-users.ts'

/** What all evaluations of one save or query share. */
export type EvaluationBase = Omit<EvaluationContext, 'record' | 'before' | 'isNew'>

/** Reads the custom settings that the user sees, and puts the rest together. */
export async function openEvaluation(
  org: Org,
  at: {
    definitions: OrgDefinitions
    user: OrgUser
    now: Instant
    related: (id: RecordId) => OrgRecord | undefined
  },
): Promise<EvaluationBase> {
  const { definitions, user, now, related } = at
  const { userId, profileId } = user
  const { organizationId } = org
  return {
    ...(await org.organizationFacts()),
    related,
    now,
    user: user.running,
    label: definitions.labelOf,
    org: { ...definitions.settings, id: organizationId },
    setup: await org.customSettings.settingsFor({ userId, profileId, organizationId }),
  }
}

/** A record looked at as it stands, outside of any save: what ISNEW and ISCHANGED ask for is false. */
export function standingRecord(base: EvaluationBase, record: OrgRecord): EvaluationContext {
  return { ...base, record, before: record, isNew: false }
}
