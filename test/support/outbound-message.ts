import { makeRecordId } from '../../src/schema/record-id.ts'
import { ORGANIZATION_ID } from './fake-org.ts'

type MessageFacts = {
  readonly organizationId?: string
  readonly sessionId?: string | null
  readonly partnerUrl?: string
  /** Serial numbers of the notifications. */
  readonly notifications?: readonly number[]
  /** Serial number of a notification's record; the same as its own where this is not given. */
  readonly recordOf?: (serial: number) => number
  /** Further fields of the record, by name. */
  readonly fields?: Readonly<Record<string, string>>
}

/** An outbound message as Salesforce lays it out, with one Account for each notification. */
export function outboundMessage(facts: MessageFacts = {}): string {
  const organizationId = facts.organizationId ?? ORGANIZATION_ID
  const sessionId = facts.sessionId ?? null
  const partnerUrl =
    facts.partnerUrl ?? 'https://example.my.salesforce.com/services/Soap/u/60.0/00D5e000000Abc1'
  const session =
    sessionId === null ? '<SessionId xsi:nil="true"/>' : `<SessionId>${sessionId}</SessionId>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${organizationId}</OrganizationId>
   <ActionId>04k5e000000Xy2zAAC</ActionId>
   ${session}
   <EnterpriseUrl>${partnerUrl.replace('/u/', '/c/')}</EnterpriseUrl>
   <PartnerUrl>${partnerUrl}</PartnerUrl>
${(facts.notifications ?? [1]).map((serial) => notification(serial, facts)).join('\n')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`
}

/** The id of the notification with this serial number. */
export function notificationId(serial: number): string {
  return makeRecordId('04l', serial)
}

function notification(serial: number, { recordOf, fields = {} }: MessageFacts): string {
  const more = Object.entries(fields).map(
    ([name, value]) => `\n     <sf:${name}>${value}</sf:${name}>`,
  )
  return `   <Notification>
    <Id>${notificationId(serial)}</Id>
    <sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>${makeRecordId('001', recordOf?.(serial) ?? serial)}</sf:Id>
     <sf:AccountNumber>0${serial}.10</sf:AccountNumber>
     <sf:Name>Account ${serial}</sf:Name>${more.join('')}
    </sObject>
   </Notification>`
}
