import { type Clock, SECOND_MS } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { RecordId } from '../schema/record-id.ts'
import { type CustomSettings, openCustomSettings } from './custom-settings.ts'
import { type NamedRecords, openNamedRecords } from './formulas/named-records.ts'
import { type OrganizationFacts, openOrganizationFacts } from './formulas/organization-facts.ts'
import { readOrganizationId } from './founding/found-org.ts'
import { compileDefinitions, type OrgDefinitions } from './org-definitions.ts'
import type { OrgStore } from './org-store.ts'
import { type Login, openLogin } from './people/login.ts'
import { type OrgUser, openRunningUsers, type RunningUsers } from './people/running-users.ts'
import { openSessions, type Sessions } from './people/sessions.ts'
import { openSerials, type Serials } from './record-ids.ts'
import { openRecordLocks, type RecordLocks } from './save/record-locks.ts'
import type { DecidedSave } from './trace/trace-save.ts'

/**
 * The sending wing's front door. Records, users and definitions come in; what is committed is in the store,
 * with the notifications it owes. It holds only what can be read again: two of them may share a store.
 */
export type Org = {
  readonly store: OrgStore
  readonly clock: Clock
  readonly log: Log
  readonly organizationId: RecordId
  /** The definitions as last read. */
  readonly definitions: () => OrgDefinitions
  /** Reads the definitions again when they are older than `seenVersion`; without one always. */
  readonly refresh: (seenVersion?: number) => Promise<OrgDefinitions>
  /** The definitions, looked after at most a second ago: for what does not read records. */
  readonly latest: () => Promise<OrgDefinitions>
  readonly serials: Serials
  readonly locks: RecordLocks
  readonly users: RunningUsers
  readonly sessions: Sessions
  readonly login: Login
  readonly customSettings: CustomSettings
  readonly namedRecords: NamedRecords
  /** `$Organization` and `$Api`. */
  readonly organizationFacts: () => Promise<OrganizationFacts>
  /** What was said once and need not be said again: actions that are not carried out. */
  readonly toldRemarks: Set<string>
  /** Told after each commit that queued notifications, so that the sender wakes. */
  readonly onQueued: (outboundMessageIds: readonly RecordId[]) => void
  /** Told after each save, saved or refused, with what it was decided by. */
  readonly onDecided: (save: DecidedSave) => void
  /** The same for e-mails. */
  readonly onEmailsOwed?: () => void
  /** Told after each commit that queued something for later which is due already. */
  readonly onTimed?: () => void
}

/** Opens the org that lives in the store; `foundOrg` has been called on it before. */
export async function openOrg(ports: {
  store: OrgStore
  clock: Clock
  log: Log
  onQueued: (outboundMessageIds: readonly RecordId[]) => void
  onDecided?: (save: DecidedSave) => void
  onEmailsOwed?: () => void
  onTimed?: () => void
}): Promise<Org> {
  const { store, clock } = ports
  const organizationId = await readOrganizationId(store)
  const known = await openDefinitions(store, clock)
  const definitions = known.current
  const users = openRunningUsers({ store, clock, definitions })
  return {
    onDecided: () => {},
    ...ports,
    organizationId,
    definitions,
    refresh: known.refresh,
    latest: known.latest,
    serials: openSerials({ store, clock }),
    locks: openRecordLocks(),
    users,
    sessions: openSessions({ store, clock, organizationId }),
    login: openLogin({ store, clock, users }),
    customSettings: openCustomSettings({ store, clock, definitions }),
    organizationFacts: openOrganizationFacts({ store, clock, organizationId }),
    namedRecords: openNamedRecords({ store, clock }),
    toldRemarks: new Set(),
  }
}

/** The active user whose session the token is; null when it is nobody's, over, or the user is inactive. */
export async function authenticate(org: Org, token: string): Promise<OrgUser | null> {
  const session = await org.sessions.verify(token)
  const user = session ? await org.users.userOf(session.userId) : null
  return user?.isActive ? user : null
}

/** How long definitions may be taken for the newest without asking. */
const LOOKED_AFTER_MS = SECOND_MS

async function openDefinitions(store: OrgStore, clock: Clock) {
  const read = async () => {
    const { version, definitions, timedObjects } = await store.readDefinitions()
    return compileDefinitions(version, definitions, timedObjects)
  }
  let current = await read()
  let reading: Promise<OrgDefinitions> | null = null

  const refresh = (seenVersion = Number.POSITIVE_INFINITY): Promise<OrgDefinitions> => {
    if (seenVersion <= current.version) return Promise.resolve(current)
    reading ??= read()
      .then((definitions) => {
        if (definitions.version !== current.version) current = definitions
        return current
      })
      .finally(() => {
        reading = null
      })
    return reading
  }
  let lookedAt = clock.real()
  const latest = async () => {
    if (clock.real() - lookedAt < LOOKED_AFTER_MS) return current
    lookedAt = clock.real()
    const { definitionsVersion } = await store.readRecords([])
    return refresh(definitionsVersion)
  }
  return { current: () => current, refresh, latest }
}
