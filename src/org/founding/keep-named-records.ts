import type { FieldValues } from '../../schema/field-value.ts'
import type { OrgRecord } from '../../schema/record.ts'
import { KEY_PREFIX, type RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import { foundingRecord } from './founding-record.ts'

/** A queue as a project's file names it. */
export type NamedQueue = { readonly developerName: string; readonly name: string }

/** More than any org has. */
const NAMES_MAX = 10_000

/**
 * Makes the records that definitions only name: queues, record types, profiles. What is there already stays,
 * also when no file names it any more, because records may refer to it. Answers how many were made.
 */
export async function keepNamedRecords(
  org: Org,
  { queues, userId }: { queues: readonly NamedQueue[]; userId: RecordId },
): Promise<number> {
  const definitions = await org.refresh()
  const { records } = await org.store.readRecords(
    ['Group', 'RecordType', 'Profile'].map((objectName) => ({
      kind: 'all' as const,
      objectName,
      limit: NAMES_MAX,
    })),
  )
  const known = new Set(records.map(nameOf))
  const missing = [
    ...queuesOf(queues),
    ...recordTypesOf(definitions),
    ...profilesOf(definitions),
  ].filter((each) => !known.has(nameOf(each)))
  if (missing.length === 0) return 0
  const made: OrgRecord[] = []
  for (const { objectName, fields } of missing) {
    const [recordId] = await org.serials.takeIds(PREFIX_OF[objectName], 1)
    if (recordId)
      made.push(foundingRecord({ objectName, recordId, userId, now: org.clock.now(), fields }))
  }
  const answer = await org.store.commit({
    records: made.map((record) => ({ kind: 'insert', record })),
    notifications: [],
    expectations: [],
  })
  if (answer.kind === 'failed')
    throw new Error('queues, record types and profiles could not be kept')
  org.namedRecords.forget()
  org.users.forget()
  return made.length
}

const PREFIX_OF = {
  Group: KEY_PREFIX.queue,
  RecordType: KEY_PREFIX.recordType,
  Profile: KEY_PREFIX.profile,
} as const

/** Project files' names for the two profiles that every org has. */
const STANDING_PROFILES: ReadonlySet<string> = new Set(['admin', 'standard'])

type Wanted = { readonly objectName: keyof typeof PREFIX_OF; readonly fields: FieldValues }

function queuesOf(queues: readonly NamedQueue[]): readonly Wanted[] {
  return queues.map(({ developerName, name }) => ({
    objectName: 'Group',
    fields: { Name: name.slice(0, 40), DeveloperName: developerName, Type: 'Queue' },
  }))
}

function recordTypesOf({ objects }: OrgDefinitions): readonly Wanted[] {
  return objects.flatMap((object) =>
    object.recordTypes.map(({ developerName, label, active }) => ({
      objectName: 'RecordType' as const,
      fields: {
        Name: label,
        DeveloperName: developerName,
        SobjectType: object.name,
        IsActive: active,
      },
    })),
  )
}

function profilesOf({ profiles }: OrgDefinitions): readonly Wanted[] {
  return profiles
    .filter(({ name }) => !STANDING_PROFILES.has(name.toLowerCase()))
    .map(({ name }) => ({ objectName: 'Profile', fields: { Name: name, UserType: 'Standard' } }))
}

/** What tells a record from others of its object: profiles have only their name. */
function nameOf({ objectName, fields }: { objectName: string; fields: FieldValues }): string {
  const isQueue = objectName === 'Group' && fields.Type === 'Queue'
  const owner = objectName === 'RecordType' ? fields.SobjectType : isQueue ? 'queue' : ''
  const name = objectName === 'Profile' ? fields.Name : fields.DeveloperName
  return `${objectName} ${owner} ${name}`.toLowerCase()
}
