import type { RecordId } from '../schema/record-id.ts'

/** Namespaces of the message, matched by URI, never by prefix. */
export const SOAP_NAMESPACE = 'http://schemas.xmlsoap.org/soap/envelope/'
export const SOAP_12_NAMESPACE = 'http://www.w3.org/2003/05/soap-envelope'
export const OUTBOUND_NAMESPACE = 'http://soap.sforce.com/2005/09/outbound'
export const SOBJECT_NAMESPACE = 'urn:sobject.enterprise.soap.sforce.com'
export const ENTERPRISE_NAMESPACE = 'urn:enterprise.soap.sforce.com'
export const XSI_NAMESPACE = 'http://www.w3.org/2001/XMLSchema-instance'
export const XSD_NAMESPACE = 'http://www.w3.org/2001/XMLSchema'

/** How many notifications one message may carry, by the WSDL's `maxOccurs`. */
export const NOTIFICATIONS_MAX = 100

/** One `notifications()` message as it was received. Ids have 18 characters, whatever came. */
export type Envelope = {
  readonly organizationId: RecordId
  readonly actionId: RecordId
  /** Null when nil, empty or absent, as at Salesforce since February 2026. A secret: never logged. */
  readonly sessionId: string | null
  readonly enterpriseUrl: string | null
  readonly partnerUrl: string | null
  /** 1 to 100, in the order of the message. */
  readonly notifications: readonly EnvelopeNotification[]
}

export type EnvelopeNotification = {
  readonly notificationId: RecordId
  /** Null when absent, nil, or empty and untyped: the record was deleted before sending. */
  readonly sObject: SObject | null
}

export type SObject = {
  /** Local name of the `xsi:type`, `''` when the message names none. Claimed, not proven. */
  readonly type: string
  readonly recordId: RecordId | null
  /** All but the id, in the order of the message. A field that is absent is not listed. */
  readonly fields: readonly SObjectField[]
}

/** A field's exact text. `nil` tells `xsi:nil="true"` from an empty element; both have the value `''`. */
export type SObjectField = {
  readonly name: string
  readonly value: string
  readonly nil: boolean
}
