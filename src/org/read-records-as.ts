import { HOUR_MS, type Instant } from '../base/clock.ts'
import { isLoopback } from '../base/endpoint-url.ts'
import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { FieldValue, FieldValues } from '../schema/field-value.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
} from '../schema/object-definition.ts'
import type { OrgRecord } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'
import { isStored } from '../schema/stored-fields.ts'
import { formulaReader } from './formulas/read-formulas.ts'
import { knownObject } from './known-names.ts'
import type { Org } from './open-org.ts'
import type { OrgUser } from './people/running-users.ts'
import { OrgRefusal } from './refusal.ts'

/** What the sender asks of the org. */
export type RecordsForSender = {
  /** Why nothing can be sent as this user now, as a sentence; null when it can. */
  whyNotAs(username: string): Promise<string | null>
  /**
   * Records as committed now, with those of the fields that the user may see; deleted ones are missing, and all of
   * an object that the user may not read.
   * Rejects when there is no such active user.
   */
  readRecordsAs(
    username: string,
    objectName: string,
    ids: readonly RecordId[],
    fields: readonly string[],
  ): Promise<ReadonlyMap<RecordId, FieldValues>>
  /** A session id of the user, where the org's classic setting and the message both ask for one; else null. */
  sessionFor(username: string, message: OutboundMessage): Promise<string | null>
}

/** A session is not sent on in its last hour: its receiver must have time to use it. */
const SESSION_SLACK_MS = HOUR_MS

/** Opens the sender's way to records; it keeps the sessions that it started, in memory only. */
export function openRecordsForSender(org: Org): RecordsForSender {
  const sessions = new Map<RecordId, { readonly token: string; readonly expiresAt: Instant }>()
  return {
    async whyNotAs(username) {
      const user = await org.users.userNamed(username)
      return user?.isActive ? null : noActiveUser(username)
    },
    async readRecordsAs(username, objectName, ids, names) {
      const user = await activeUser(org, username)
      const definitions = await org.latest()
      const object = knownObject(definitions, objectName)
      if (!user.permissions.mayReadObject(object.name)) return new Map()
      const fields = names.flatMap((name) => {
        const field = fieldOf(object, name)
        return field && user.permissions.mayRead(object.name, field.name) ? [field] : []
      })
      const read = fields.every(isStored) ? readStored : readWithFormulas
      return read(org, user, { object, ids, fields })
    },
    async sessionFor(username, message) {
      const { settings } = await org.latest()
      if (!settings.sendSessionIds || !message.includeSessionId) return null
      if (!isSafeFor(message.endpointUrl)) return null
      const user = await activeUser(org, username)
      const known = sessions.get(user.userId)
      if (known && org.clock.real() < known.expiresAt - SESSION_SLACK_MS) return known.token
      const started = await org.sessions.start(user.userId)
      sessions.set(user.userId, started)
      return started.token
    },
  }
}

/** A session id goes out over https only, or to this machine. */
function isSafeFor(endpointUrl: string): boolean {
  const url = URL.parse(endpointUrl)
  return url !== null && (url.protocol === 'https:' || isLoopback(url.hostname))
}

async function activeUser(org: Org, username: string): Promise<OrgUser> {
  const user = await org.users.userNamed(username)
  if (user?.isActive) return user
  throw new OrgRefusal('INACTIVE_OWNER_OR_USER', noActiveUser(username))
}

function noActiveUser(username: string): string {
  return `there is no active user ${username} to send as: create or activate the user, or name another in the outbound message`
}

type Reading = {
  readonly object: ObjectDefinition
  readonly ids: readonly RecordId[]
  readonly fields: readonly FieldDefinition[]
}

async function readStored(
  org: Org,
  _user: OrgUser,
  { object, ids, fields }: Reading,
): Promise<ReadonlyMap<RecordId, FieldValues>> {
  const names = fields.map((field) => field.name)
  const ask = { kind: 'ids', objectName: object.name, ids, fields: names } as const
  const { records } = await org.store.readRecords([ask])
  return valuesOf(records, fields, ({ fields: values }, { name }) => values[name] ?? null)
}

async function readWithFormulas(
  org: Org,
  user: OrgUser,
  { object, ids, fields }: Reading,
): Promise<ReadonlyMap<RecordId, FieldValues>> {
  const reader = await formulaReader(org, user, org.definitions())
  const formulas = fields.filter((field) => field.formula !== undefined)
  const records = await reader.read(object, ids, formulas)
  const living = records.filter((each) => each.fields.IsDeleted !== true)
  return valuesOf(living, fields, ({ recordId, fields: values }, field) =>
    field.formula === undefined ? (values[field.name] ?? null) : reader.valueOf(recordId, field),
  )
}

function valuesOf(
  records: readonly OrgRecord[],
  fields: readonly FieldDefinition[],
  value: (record: OrgRecord, field: FieldDefinition) => FieldValue,
): ReadonlyMap<RecordId, FieldValues> {
  return new Map(
    records.map((record) => [
      record.recordId,
      Object.fromEntries(fields.map((field) => [field.name, value(record, field)])),
    ]),
  )
}
