import { type Clock, SECOND_MS } from '../../base/clock.ts'
import type { OrgRecord } from '../../schema/record.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { OrgStore } from '../org-store.ts'

/** What formulas know of the organisation: `$Organization`, and for `$Api` where it is reached. */
export type OrganizationFacts = {
  readonly organization: OrgRecord | null
  readonly serverUrl: string | null
}

const KEPT_MS = 10 * SECOND_MS
/** The setting in which the process with the role `org` leaves its URL for the others. */
export const INSTANCE_URL = 'instanceUrl'

/** Makes a question of the facts, answered from the store and kept for a moment. */
export function openOrganizationFacts(ports: {
  store: OrgStore
  clock: Clock
  organizationId: RecordId
}): () => Promise<OrganizationFacts> {
  const { store, clock, organizationId } = ports
  let kept: { readonly readAt: number; readonly facts: Promise<OrganizationFacts> } | null = null
  return () => {
    if (kept && clock.real() - kept.readAt < KEPT_MS) return kept.facts
    const facts = readFacts(store, organizationId)
    kept = { readAt: clock.real(), facts }
    facts.catch(() => {
      kept = null
    })
    return facts
  }
}

async function readFacts(store: OrgStore, organizationId: RecordId): Promise<OrganizationFacts> {
  const [{ records }, serverUrl] = await Promise.all([
    store.readRecords([{ kind: 'ids', objectName: 'Organization', ids: [organizationId] }]),
    store.readSetting(INSTANCE_URL),
  ])
  return { organization: records[0] ?? null, serverUrl }
}
