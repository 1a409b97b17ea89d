import { attributeOf, type XmlTag } from '../base/xml.ts'
import { type RecordId, tryRecordId } from '../schema/record-id.ts'
import {
  type EnvelopeNotification,
  NOTIFICATIONS_MAX,
  OUTBOUND_NAMESPACE,
  SOAP_12_NAMESPACE,
  SOAP_NAMESPACE,
  SOBJECT_NAMESPACE,
  type SObject,
  type SObjectField,
  XSI_NAMESPACE,
} from './envelope.ts'
import { EnvelopeError, type EnvelopeErrorCode, notAMessage, quoted } from './envelope-error.ts'

/** The element whose children are being read. `leaf` holds text: a head element, an id, a field. */
type Place =
  | 'document'
  | 'envelope'
  | 'body'
  | 'notifications'
  | 'notification'
  | 'sObject'
  | 'leaf'

/** What is known so far. No tree is built: this is the receiver's hot path. */
export type Reading = {
  place: Place
  /** Open elements below `place` that are of no interest. */
  ignoredDepth: number
  leafOf: Place
  leafName: string
  leafNil: boolean
  text: string
  notificationsSeen: boolean
  /** Head elements by name; null is nil. */
  readonly head: Map<string, string | null>
  readonly notifications: EnvelopeNotification[]
  notificationId: RecordId | null
  sObject: GrowingSObject | null
}

type GrowingSObject = {
  readonly type: string
  recordId: RecordId | null
  readonly fields: SObjectField[]
  /** Namespace of a child that is no field, or null. */
  foreignUri: string | null
}

/** The state before the first tag. */
export function startReading(): Reading {
  return {
    place: 'document',
    ignoredDepth: 0,
    leafOf: 'document',
    leafName: '',
    leafNil: false,
    text: '',
    notificationsSeen: false,
    head: new Map(),
    notifications: [],
    notificationId: null,
    sObject: null,
  }
}

/** Takes in a start tag. Throws `EnvelopeError`. */
export function openTag(reading: Reading, tag: XmlTag): void {
  if (reading.ignoredDepth > 0) {
    reading.ignoredDepth += 1
    return
  }
  switch (reading.place) {
    case 'sObject':
      openField(reading, tag)
      break
    case 'notification':
      openInNotification(reading, tag)
      break
    case 'notifications':
      openInNotifications(reading, tag)
      break
    case 'document':
      openRoot(reading, tag)
      break
    default:
      openShell(reading, tag)
  }
}

function openRoot(reading: Reading, { local, uri }: XmlTag): void {
  if (local === 'Envelope' && uri === SOAP_12_NAMESPACE) {
    throw new EnvelopeError(
      'WRONG_ENVELOPE_VERSION',
      'expected a SOAP 1.1 envelope, found SOAP 1.2: outbound messages are SOAP 1.1',
    )
  }
  if (local !== 'Envelope' || uri !== SOAP_NAMESPACE) {
    throw notAMessage(`expected a SOAP 1.1 Envelope, found ${quoted(local)} in ${quoted(uri)}`)
  }
  reading.place = 'envelope'
}

/** Inside Envelope, Body, or a leaf, where only the one way down matters. */
function openShell(reading: Reading, { local, uri }: XmlTag): void {
  const { place } = reading
  if (place === 'envelope' && local === 'Body' && uri === SOAP_NAMESPACE) {
    reading.place = 'body'
  } else if (place === 'body' && local === 'notifications' && uri === OUTBOUND_NAMESPACE) {
    if (reading.notificationsSeen)
      throw notAMessage('expected one notifications element, found two')
    reading.notificationsSeen = true
    reading.place = 'notifications'
  } else {
    reading.ignoredDepth = 1
  }
}

const HEAD_NAMES: ReadonlySet<string> = new Set([
  'OrganizationId',
  'ActionId',
  'SessionId',
  'EnterpriseUrl',
  'PartnerUrl',
])

function openInNotifications(reading: Reading, tag: XmlTag): void {
  if (tag.uri !== OUTBOUND_NAMESPACE) {
    reading.ignoredDepth = 1
  } else if (tag.local === 'Notification') {
    if (reading.notifications.length === NOTIFICATIONS_MAX) {
      throw new EnvelopeError(
        'TOO_MANY_NOTIFICATIONS',
        `expected at most ${NOTIFICATIONS_MAX} notifications in one message, found more: split it`,
      )
    }
    reading.notificationId = null
    reading.sObject = null
    reading.place = 'notification'
  } else if (HEAD_NAMES.has(tag.local)) {
    if (reading.head.has(tag.local)) throw notAMessage(`expected one ${tag.local}, found two`)
    openLeaf(reading, tag)
  } else {
    reading.ignoredDepth = 1
  }
}

function openInNotification(reading: Reading, tag: XmlTag): void {
  if (tag.uri !== OUTBOUND_NAMESPACE) {
    reading.ignoredDepth = 1
  } else if (tag.local === 'Id') {
    if (reading.notificationId !== null) throw notAMessage('expected one Id, found two')
    openLeaf(reading, tag)
  } else if (tag.local === 'sObject') {
    if (reading.sObject !== null) throw notAMessage('expected one sObject, found two')
    reading.sObject = { type: typeOf(tag), recordId: null, fields: [], foreignUri: null }
    reading.place = 'sObject'
  } else {
    reading.ignoredDepth = 1
  }
}

/** By the enterprise WSDL, or by the partner WSDL as imitators write it. */
const FIELD_NAMESPACES: ReadonlySet<string> = new Set([
  SOBJECT_NAMESPACE,
  'urn:sobject.partner.soap.sforce.com',
])

function openField(reading: Reading, tag: XmlTag): void {
  if (FIELD_NAMESPACES.has(tag.uri)) {
    openLeaf(reading, tag)
  } else {
    if (reading.sObject) reading.sObject.foreignUri = tag.uri
    reading.ignoredDepth = 1
  }
}

function openLeaf(reading: Reading, tag: XmlTag): void {
  reading.leafOf = reading.place
  reading.leafName = tag.local
  reading.leafNil = isNil(tag)
  reading.text = ''
  reading.place = 'leaf'
}

/** Takes in an end tag. Throws `EnvelopeError`. */
export function closeTag(reading: Reading): void {
  if (reading.ignoredDepth > 0) {
    reading.ignoredDepth -= 1
    return
  }
  switch (reading.place) {
    case 'leaf':
      closeLeaf(reading)
      break
    case 'sObject':
      reading.place = 'notification'
      break
    case 'notification':
      closeNotification(reading)
      break
    case 'notifications':
      reading.place = 'body'
      break
    default:
      reading.place = reading.place === 'body' ? 'envelope' : 'document'
  }
}

function closeLeaf(reading: Reading): void {
  const { leafName: name, leafNil: nil, leafOf } = reading
  const value = nil ? '' : reading.text
  reading.place = leafOf
  if (leafOf === 'notifications') {
    reading.head.set(name, nil ? null : value)
  } else if (leafOf === 'notification') {
    reading.notificationId = idOf(value, 'MISSING_NOTIFICATION_ID', 'a Notification’s Id')
  } else if (reading.sObject && name === 'Id') {
    if (value.trim() !== '') reading.sObject.recordId = idOf(value, 'MALFORMED_ID', 'a record’s Id')
  } else {
    reading.sObject?.fields.push({ name, value, nil })
  }
}

function closeNotification(reading: Reading): void {
  reading.place = 'notifications'
  if (reading.notificationId === null) {
    throw new EnvelopeError(
      'MISSING_NOTIFICATION_ID',
      'expected an Id in each Notification, found none',
    )
  }
  const sObject = reading.sObject && finishSObject(reading.sObject)
  reading.notifications.push({ notificationId: reading.notificationId, sObject })
}

function finishSObject({ type, recordId, fields, foreignUri }: GrowingSObject): SObject | null {
  if (recordId !== null || fields.length > 0) return { type, recordId, fields }
  // To ignore them all would turn a record into one without fields: better refused than lost.
  if (foreignUri !== null) {
    throw notAMessage(`expected fields in ${SOBJECT_NAMESPACE}, found ${quoted(foreignUri)}`)
  }
  return type === '' ? null : { type, recordId, fields }
}

/** The id a text spells, with 18 characters; `codeWhenEmpty` is the refusal when there is none. */
export function idOf(text: string, codeWhenEmpty: EnvelopeErrorCode, what: string): RecordId {
  const trimmed = text.trim()
  if (trimmed === '') throw new EnvelopeError(codeWhenEmpty, `expected ${what}, found none`)
  const id = tryRecordId(trimmed)
  if (id !== null) return id
  throw new EnvelopeError(
    'MALFORMED_ID',
    `expected ${what} of 15 or 18 letters and digits, found ${quoted(trimmed)}`,
  )
}

function isNil(tag: XmlTag): boolean {
  if (tag.attributes.size === 0) return false
  const nil = attributeOf(tag, XSI_NAMESPACE, 'nil')?.trim()
  return nil === 'true' || nil === '1'
}

function typeOf(tag: XmlTag): string {
  const name = attributeOf(tag, XSI_NAMESPACE, 'type')?.trim() ?? ''
  return name.slice(name.indexOf(':') + 1)
}
