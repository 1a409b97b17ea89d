import { attributeOf, type XmlTag } from '../base/xml.ts'
import {
  NOTIFICATIONS_MAX,
  OUTBOUND_NAMESPACE,
  SOAP_12_NAMESPACE,
  SOAP_NAMESPACE,
  SOBJECT_NAMESPACE,
  type SObject,
  XSI_NAMESPACE,
} from './envelope.ts'
import { EnvelopeError, notAMessage, quoted } from './envelope-error.ts'
import { type GrowingSObject, idOf, type Reading } from './envelope-reading.ts'
import { LISTED_FIELDS_MAX } from './field-list/field-list.ts'

/** Takes in a start tag. Throws `EnvelopeError`. */
export function openTag(reading: Reading, tag: XmlTag): void {
  if (tag.name.length > NAME_LENGTH_MAX || tag.attributes.size > ATTRIBUTES_MAX) refuseNames(tag)
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
    case 'leaf':
      // Its text alone would be a value that nobody sent.
      throw notAMessage(`expected text in ${quoted(reading.leafName)}, found ${quoted(tag.name)}`)
    default:
      openShell(reading, tag)
  }
}

/** Far above what Salesforce writes, and what its names may have. */
const NAME_LENGTH_MAX = 255
const ATTRIBUTES_MAX = 100

function refuseNames({ name, attributes }: XmlTag): never {
  if (name.length > NAME_LENGTH_MAX) {
    const message = `names have at most ${NAME_LENGTH_MAX} characters, found ${quoted(name)}`
    throw new EnvelopeError('NAME_TOO_LONG', message)
  }
  const message = `an element has at most ${ATTRIBUTES_MAX} attributes, found ${attributes.size}`
  throw new EnvelopeError('TOO_MANY_ATTRIBUTES', message)
}

/** Takes in a piece of text. */
export function readText(reading: Reading, piece: string): void {
  if (reading.place === 'leaf') reading.text += piece
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

/** Inside Envelope or Body, where only the one way down matters. */
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
    if (reading.sObject?.fields.length === LISTED_FIELDS_MAX) {
      const message = `a record has at most ${LISTED_FIELDS_MAX} fields, found more`
      throw new EnvelopeError('TOO_MANY_FIELDS', message)
    }
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
  if (nil && reading.text.trim() !== '') {
    throw notAMessage(`expected nothing in ${quoted(name)}, which is nil, found text`)
  }
  reading.place = leafOf
  if (leafOf === 'notifications') {
    reading.head.set(name, nil ? null : value)
  } else if (leafOf === 'notification') {
    reading.notificationId = idOf(value, 'MISSING_NOTIFICATION_ID', 'a Notification’s Id')
  } else if (reading.sObject && name === 'Id') {
    closeRecordId(reading.sObject, value)
  } else {
    reading.sObject?.fields.push({ name, value, nil })
  }
}

function closeRecordId(sObject: GrowingSObject, value: string): void {
  if (value.trim() === '') return
  if (sObject.recordId !== null) throw notAMessage('expected one Id in a record, found two')
  sObject.recordId = idOf(value, 'MALFORMED_ID', 'a record’s Id')
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
  refuseTwice(fields.map(({ name }) => name))
  if (recordId !== null || fields.length > 0) return { type, recordId, fields }
  // To ignore them all would turn a record into one without fields: better refused than lost.
  if (foreignUri !== null) {
    throw notAMessage(`expected fields in ${SOBJECT_NAMESPACE}, found ${quoted(foreignUri)}`)
  }
  return type === '' ? null : { type, recordId, fields }
}

/** One value would be lost where names are keys. */
function refuseTwice(names: readonly string[]): void {
  if (new Set(names).size === names.length) return
  const twice = names.find((name, index) => names.indexOf(name) !== index) ?? ''
  throw notAMessage(`expected each field once in a record, found ${quoted(twice)} twice`)
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
