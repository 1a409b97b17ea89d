import { escapeXmlText } from '../base/xml.ts'
import type { LeasedBatch } from '../outbox/outbox-store.ts'
import type { FieldValues } from '../schema/field-value.ts'
import type { FieldDefinition } from '../schema/object-definition.ts'
import { type RecordId, shortId } from '../schema/record-id.ts'
import {
  compileEnvelopeWriter,
  type EnvelopeToSend,
  type EnvelopeWriter,
} from '../wire/write-envelope.ts'
import type { Sendable } from './sendable.ts'

/** Stands for a secret wherever people look. */
const MASK = '******'

/** What one POST says. `found` are the records as they are now; one that is missing is sent as its id alone. */
export function composeEnvelope(
  { message, organizationId, instanceUrl }: Sendable,
  batch: LeasedBatch,
  found: ReadonlyMap<RecordId, FieldValues>,
  sessionId: string | null,
): EnvelopeToSend {
  const path = `${message.apiVersion}/${shortId(organizationId)}`
  return {
    organizationId,
    actionId: batch.outboundMessageId,
    sessionId,
    enterpriseUrl: `${instanceUrl}/services/Soap/c/${path}`,
    partnerUrl: `${instanceUrl}/services/Soap/u/${path}`,
    notifications: batch.notifications.map(({ notificationId, recordId }) => ({
      notificationId,
      recordId,
      values: found.get(recordId) ?? null,
    })),
  }
}

/** The envelope as the attempt log may keep it: session id and fields that hold secrets masked. */
export function maskEnvelope(
  envelope: EnvelopeToSend,
  fields: readonly FieldDefinition[],
): EnvelopeToSend {
  const secrets = fields.filter((field) => field.secret)
  if (envelope.sessionId === null && secrets.length === 0) return envelope
  return {
    ...envelope,
    sessionId: envelope.sessionId === null ? null : MASK,
    notifications: envelope.notifications.map((each) => ({
      ...each,
      values: each.values && maskValues(each.values, secrets),
    })),
  }
}

function maskValues(values: FieldValues, secrets: readonly FieldDefinition[]): FieldValues {
  const masked = secrets.flatMap(({ name, type }) => {
    const value = values[name]
    if (value === null || value === undefined) return []
    // What is not text has no masked form: it is left out.
    return [[name, TEXT_TYPES.has(type) ? MASK : null] as const]
  })
  return masked.length === 0 ? values : { ...values, ...Object.fromEntries(masked) }
}

/** Shorter secrets are not looked for in texts of others: they would be found everywhere. */
const SOUGHT_LENGTH_MIN = 4

/** Masks the session id and the secret values of an envelope wherever a text repeats them, as faults do. */
export function secretsMask(
  envelope: EnvelopeToSend,
  fields: readonly FieldDefinition[],
): (text: string) => string {
  const names = fields.filter((field) => field.secret).map(({ name }) => name)
  if (envelope.sessionId === null && names.length === 0) return (text) => text
  const secrets = new Set<string>()
  const add = (value: unknown) => {
    if (typeof value !== 'string' || value.length < SOUGHT_LENGTH_MIN) return
    secrets.add(value)
    secrets.add(escapeXmlText(value))
  }
  add(envelope.sessionId)
  for (const { values } of envelope.notifications) for (const name of names) add(values?.[name])
  // The longest first: one secret may begin with another.
  const sought = [...secrets].toSorted((one, other) => other.length - one.length)
  return (text) => sought.reduce((masked, secret) => masked.replaceAll(secret, MASK), text)
}

const TEXT_TYPES: ReadonlySet<string> = new Set([
  'string',
  'textarea',
  'encryptedstring',
  'email',
  'phone',
  'url',
  'picklist',
])

/** Answers the writer for an outbound message, compiled once for each version of the definitions. */
export type WriterCache = (
  outboundMessageId: RecordId,
  definitionsVersion: number,
  sendable: Sendable,
) => EnvelopeWriter

/** So many writers are kept; then the cache starts anew. */
const WRITERS_MAX = 1000

/** Opens an empty cache of writers. */
export function openWriterCache(): WriterCache {
  const writers = new Map<RecordId, { version: number; write: EnvelopeWriter }>()
  return (outboundMessageId, version, { message, fields }) => {
    const known = writers.get(outboundMessageId)
    if (known?.version === version) return known.write
    const write = compileEnvelopeWriter({ objectName: message.objectName, fields })
    if (writers.size >= WRITERS_MAX) writers.clear()
    writers.set(outboundMessageId, { version, write })
    return write
  }
}
