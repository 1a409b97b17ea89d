import { escapeXmlText } from '../base/xml.ts'
import { type FieldValue, type FieldValues, isNumberType } from '../schema/field-value.ts'
import type { FieldDefinition } from '../schema/object-definition.ts'
import type { RecordId } from '../schema/record-id.ts'
import {
  OUTBOUND_NAMESPACE,
  SOAP_NAMESPACE,
  SOBJECT_NAMESPACE,
  XSD_NAMESPACE,
  XSI_NAMESPACE,
} from './envelope.ts'
import { javaDouble } from './java-double.ts'
import { sentFields } from './wsdl.ts'

/** What one POST says: all notifications are of one outbound message. */
export type EnvelopeToSend = {
  readonly organizationId: RecordId
  readonly actionId: RecordId
  /** Null is written as `<SessionId xsi:nil="true"/>`. */
  readonly sessionId: string | null
  readonly enterpriseUrl: string
  readonly partnerUrl: string
  /** 1 to 100. */
  readonly notifications: readonly NotificationToSend[]
}

export type NotificationToSend = {
  readonly notificationId: RecordId
  readonly recordId: RecordId
  /** Null when the record was deleted: its id is sent alone. A field without a value is left out. */
  readonly values: FieldValues | null
}

/** Writes the body of one POST. */
export type EnvelopeWriter = (envelope: EnvelopeToSend) => string

/**
 * Prepares the writer for one outbound message: `objectName` is the API name, `fields` the chosen ones in
 * any order. Its bytes are Salesforce's: `sf:Id` first, fields in ASCII order, nulls left out.
 */
export function compileEnvelopeWriter({
  objectName,
  fields,
}: {
  objectName: string
  fields: readonly FieldDefinition[]
}): EnvelopeWriter {
  const writers = sentFields(fields).map(compileField)
  const sObjectStart =
    `</Id>\n    <sObject xsi:type="sf:${escapeXmlText(objectName)}" xmlns:sf="${SOBJECT_NAMESPACE}">\n` +
    '     <sf:Id>'

  const writeNotification = ({ notificationId, recordId, values }: NotificationToSend): string => {
    let body = ''
    if (values !== null) for (const write of writers) body += write(values)
    return (
      `   <Notification>\n    <Id>${notificationId}${sObjectStart}${recordId}</sf:Id>\n${body}` +
      '    </sObject>\n   </Notification>\n'
    )
  }

  return (envelope) => {
    let text = ENVELOPE_START + writeHead(envelope)
    for (const notification of envelope.notifications) text += writeNotification(notification)
    return text + ENVELOPE_END
  }
}

const ENVELOPE_START =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  `<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE}" xmlns:xsd="${XSD_NAMESPACE}"` +
  ` xmlns:xsi="${XSI_NAMESPACE}">\n` +
  ` <soapenv:Body>\n  <notifications xmlns="${OUTBOUND_NAMESPACE}">\n`

const ENVELOPE_END = '  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>'

function writeHead(envelope: EnvelopeToSend): string {
  const { organizationId, actionId, sessionId, enterpriseUrl, partnerUrl } = envelope
  const session =
    sessionId === null
      ? '<SessionId xsi:nil="true"/>'
      : `<SessionId>${escapeXmlText(sessionId)}</SessionId>`
  return (
    `   <OrganizationId>${organizationId}</OrganizationId>\n   <ActionId>${actionId}</ActionId>\n` +
    `   ${session}\n   <EnterpriseUrl>${escapeXmlText(enterpriseUrl)}</EnterpriseUrl>\n` +
    `   <PartnerUrl>${escapeXmlText(partnerUrl)}</PartnerUrl>\n`
  )
}

type FieldWriter = (values: FieldValues) => string

function compileField({ name, type }: FieldDefinition): FieldWriter {
  const start = `     <sf:${name}>`
  const end = `</sf:${name}>\n`
  const format = formatOf(type)
  return (values) => {
    const value: FieldValue | undefined = values[name]
    if (value === null || value === undefined || value === '') return ''
    return start + format(value) + end
  }
}

function formatOf(type: FieldDefinition['type']): (value: string | boolean) => string {
  if (type === 'boolean' || type === 'int') return String
  if (isNumberType(type)) return (value) => javaDouble(String(value))
  return (value) => escapeXmlText(String(value))
}
