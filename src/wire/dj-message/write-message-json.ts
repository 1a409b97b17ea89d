import type { Envelope, EnvelopeNotification, SObject, SObjectField } from '../envelope.ts'
import { type FieldList, fieldListFor, type ListedField } from '../field-list/field-list.ts'
import { readDjMessage } from './read-dj-message.ts'

/** What a job is given: DataCloud's DJMessage. */
export type DjMessage = {
  readonly name: string
  readonly body: string
  readonly properties: Readonly<Record<string, string>>
}

export type MessageJsonOptions = {
  /** Numbers and booleans as such, by the types of `fieldLists`. Else every value is its exact text. */
  readonly typed: boolean
  readonly fieldLists: readonly FieldList[]
}

/**
 * A DJMessage as one JSON document: its name, its properties and, where its body is an outbound message's,
 * `notifications` with Salesforce's names; any other body is the text `body`. A nil is null and an empty element is `""`.
 * A typed number has the digits that were sent: it never passes through a number of ours.
 */
export function writeMessageJson(message: DjMessage, options: MessageJsonOptions): string {
  const envelope = readDjMessage(message.body)
  const { name, properties } = message
  return object([
    ['name', JSON.stringify(name)],
    ['properties', object(Object.entries(properties).map(([key, value]) => [key, text(value)]))],
    envelope ? ['notifications', notifications(envelope, options)] : ['body', text(message.body)],
  ])
}

function notifications(envelope: Envelope, options: MessageJsonOptions): string {
  const { organizationId, actionId, enterpriseUrl, partnerUrl } = envelope
  const each = envelope.notifications.map((notification) =>
    notificationOf(notification, actionId, options),
  )
  return object([
    ['OrganizationId', text(organizationId)],
    ['ActionId', text(actionId)],
    ['EnterpriseUrl', text(enterpriseUrl)],
    ['PartnerUrl', text(partnerUrl)],
    ['Notification', `[${each.join(',')}]`],
  ])
}

function notificationOf(
  { notificationId, sObject }: EnvelopeNotification,
  actionId: string,
  { typed, fieldLists }: MessageJsonOptions,
): string {
  const list =
    typed && sObject ? fieldListFor(fieldLists, { actionId, objectName: sObject.type }) : null
  return object([
    ['Id', text(notificationId)],
    ['sObject', sObject ? record(sObject, list?.fields ?? []) : 'null'],
  ])
}

/** With `attributes.type`, as records are in Salesforce's REST API. */
function record({ type, recordId, fields }: SObject, listed: readonly ListedField[]): string {
  const types = new Map(listed.map((field) => [field.name, field.type]))
  return object([
    ['attributes', object([['type', text(type === '' ? null : type)]])],
    ['Id', text(recordId)],
    ...fields.map((field) => [field.name, jsonOf(field, types.get(field.name) ?? null)] as const),
  ])
}

function jsonOf({ value, nil }: SObjectField, type: string | null): string {
  if (nil) return 'null'
  if (type !== null && NUMBER_TYPES.has(type)) return JSON_NUMBER.test(value) ? value : text(value)
  if (type === 'boolean') return BOOLEANS.get(value) ?? text(value)
  return text(value)
}

const NUMBER_TYPES: ReadonlySet<string> = new Set(['double', 'int', 'integer', 'long', 'decimal'])

/** A number as JSON spells it. `NaN`, `INF`, `+1` and `007` are none, and stay texts. */
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ['true', 'true'],
  ['1', 'true'],
  ['false', 'false'],
  ['0', 'false'],
])

/** By hand, since a value of ours would change numbers, and a name could be `__proto__`. */
function object(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
}

function text(value: string | null): string {
  return JSON.stringify(value)
}
