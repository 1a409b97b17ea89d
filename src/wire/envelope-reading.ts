import type { RecordId } from '../schema/record-id.ts'
import { tryRecordId } from '../schema/record-id.ts'
import {
  type Envelope,
  type EnvelopeNotification,
  OUTBOUND_NAMESPACE,
  type SObjectField,
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

export type GrowingSObject = {
  readonly type: string
  recordId: RecordId | null
  readonly fields: SObjectField[]
  /** Namespace of a child that is no field, or null. */
  foreignUri: string | null
}

/** The state before the first tag: of a whole message, or of what stands in a SOAP body. */
export function startReading(place: 'document' | 'body' = 'document'): Reading {
  return {
    place,
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

/** What was read, when the document is over. Throws `EnvelopeError`. */
export function finishReading({ head, notifications, notificationsSeen }: Reading): Envelope {
  if (!notificationsSeen) {
    throw notAMessage(
      `expected notifications of ${OUTBOUND_NAMESPACE} in the SOAP body, found none`,
    )
  }
  const organizationId = idOf(
    head.get('OrganizationId') ?? '',
    'MISSING_ORGANIZATION_ID',
    'OrganizationId',
  )
  const actionId = idOf(head.get('ActionId') ?? '', 'MISSING_ACTION_ID', 'ActionId')
  if (notifications.length === 0) {
    throw new EnvelopeError(
      'NO_NOTIFICATIONS',
      'expected 1 to 100 Notification elements, found none',
    )
  }
  return {
    organizationId,
    actionId,
    sessionId: head.get('SessionId')?.trim() || null,
    enterpriseUrl: head.get('EnterpriseUrl')?.trim() || null,
    partnerUrl: head.get('PartnerUrl')?.trim() || null,
    notifications,
  }
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
