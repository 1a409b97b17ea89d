import { escapeXmlText } from '../../base/xml.ts'
import {
  type Envelope,
  type EnvelopeNotification,
  OUTBOUND_NAMESPACE,
  SOBJECT_NAMESPACE,
  type SObject,
  type SObjectField,
  XSI_NAMESPACE,
} from '../envelope.ts'

/**
 * The XML body a job gets: the `notifications` document with the given ones of the envelope's notifications,
 * well formed on its own. The session id is always nil: it is withheld from jobs.
 */
export function writeDjMessage(
  envelope: Envelope,
  notifications: readonly EnvelopeNotification[],
): string {
  let text =
    `${START}${leaf('OrganizationId', envelope.organizationId)}` +
    `${leaf('ActionId', envelope.actionId)} <SessionId xsi:nil="true"/>\n` +
    `${leaf('EnterpriseUrl', envelope.enterpriseUrl)}${leaf('PartnerUrl', envelope.partnerUrl)}`
  for (const { notificationId, sObject } of notifications) {
    text += ` <Notification>\n  <Id>${notificationId}</Id>\n`
    if (sObject !== null) text += writeSObject(sObject)
    text += ' </Notification>\n'
  }
  return `${text}</notifications>`
}

const START =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  `<notifications xmlns="${OUTBOUND_NAMESPACE}" xmlns:xsi="${XSI_NAMESPACE}">\n`

function leaf(name: string, value: string | null): string {
  return value === null ? '' : ` <${name}>${escapeXmlText(value)}</${name}>\n`
}

function writeSObject({ type, recordId, fields }: SObject): string {
  const claim = type === '' ? '' : ` xsi:type="sf:${escapeXmlText(type)}"`
  let text = `  <sObject${claim} xmlns:sf="${SOBJECT_NAMESPACE}">\n`
  if (recordId !== null) text += `   <sf:Id>${recordId}</sf:Id>\n`
  for (const field of fields) text += writeField(field)
  return `${text}  </sObject>\n`
}

/** Names come from an XML reader, so they are names. */
function writeField({ name, value, nil }: SObjectField): string {
  if (nil) return `   <sf:${name} xsi:nil="true"/>\n`
  return `   <sf:${name}>${escapeXmlText(value)}</sf:${name}>\n`
}
