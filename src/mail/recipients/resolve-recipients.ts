import { fieldOf } from '../../schema/object-definition.ts'
import type { OrgRecord } from '../../schema/record.ts'
import {
  type AlertRecipient,
  type EmailAlert,
  RECIPIENT_TYPES,
} from '../definitions/email-alert.ts'
import type { Directory, MailDefinitions } from '../mail-org.ts'
import { groupNamed, holderOf, roleNamed, userNamed } from './people.ts'
import {
  addressIn,
  idIn,
  NOBODY,
  notFound,
  type Recipient,
  type Resolution,
  textIn,
} from './recipient.ts'
import { accountOwner, accountTeam, caseTeam, memberOwner, opportunityTeam } from './teams.ts'

/** Addresses one e-mail goes to; more are left out and told of. */
export const RECIPIENTS_MAX = 1000
const REMARKS_MAX = 50

type Ask = {
  readonly directory: Directory
  readonly definitions: Pick<MailDefinitions, 'objectOf'>
  readonly record: OrgRecord
}

/**
 * Whom an alert goes to for a record: every line resolved by itself, each address once, inactive users
 * left out. What is not found here keeps nobody else from getting it, and is told.
 */
export async function resolveRecipients(ask: Ask, alert: EmailAlert): Promise<Resolution> {
  const byAddress = new Map<string, Recipient>()
  const remarks = new Set<string>()
  const add = (recipient: Recipient) => {
    const key = recipient.address.toLowerCase()
    if (byAddress.has(key)) return
    if (byAddress.size < RECIPIENTS_MAX) byAddress.set(key, recipient)
    else remarks.add(`more than ${RECIPIENTS_MAX} recipients: the others get none`)
  }
  for (const line of alert.recipients) {
    const resolution = await resolveLine(ask, line)
    for (const recipient of resolution.recipients) add(recipient)
    for (const remark of resolution.remarks) {
      if (remarks.size < REMARKS_MAX) remarks.add(`${line.type}: ${remark}`)
    }
  }
  for (const written of alert.ccEmails) {
    const address = addressIn(written)
    if (address === null) remarks.add(`ccEmails: ${JSON.stringify(written)} is no e-mail address`)
    else add({ address, name: '', record: null })
  }
  return { recipients: [...byAddress.values()], remarks: [...remarks] }
}

async function resolveLine(ask: Ask, line: AlertRecipient): Promise<Resolution> {
  const { directory, record } = ask
  const type = RECIPIENT_TYPES.find((known) => known === line.type)
  switch (type) {
    case 'user':
    case 'partnerUser':
    case 'customerPortalUser':
      return userNamed(directory, line.recipient)
    case 'owner':
      return holderOf(directory, idIn(record, 'OwnerId'))
    case 'creator':
      return holderOf(directory, idIn(record, 'CreatedById'))
    case 'userLookup':
    case 'contactLookup':
      return inField(ask, line, (name) => holderOf(directory, idIn(record, name)))
    case 'email':
      return inField(ask, line, async (name) => addressOf(record, name))
    case 'group':
      return groupNamed(directory, line.recipient)
    case 'role':
    case 'portalRole':
      return roleNamed(directory, line.recipient, { below: false })
    case 'roleSubordinates':
    case 'portalRoleSubordinates':
      return roleNamed(directory, line.recipient, { below: true })
    case 'roleSubordinatesInternal':
      return roleNamed(directory, line.recipient, { below: true, internalOnly: true })
    case 'accountOwner':
      return accountOwner(ask)
    case 'accountTeam':
      return accountTeam(ask, line.recipient)
    case 'opportunityTeam':
      return opportunityTeam(ask, line.recipient)
    case 'caseTeam':
      return caseTeam(ask, line.recipient)
    case 'campaignMemberDerivedOwner':
      return memberOwner(ask)
    case undefined:
      return notFound('recipients of this kind are not known here')
  }
}

async function inField(
  { definitions, record }: Ask,
  { field }: AlertRecipient,
  resolve: (fieldName: string) => Promise<Resolution>,
): Promise<Resolution> {
  const object = definitions.objectOf(record.objectName)
  const known = field === null || !object ? undefined : fieldOf(object, field)
  return known ? resolve(known.name) : notFound(`${record.objectName} has no field ${field}`)
}

function addressOf(record: OrgRecord, fieldName: string): Resolution {
  const text = textIn(record, fieldName)
  if (text === null) return NOBODY
  const address = addressIn(text)
  if (address === null) return notFound(`${fieldName} holds no e-mail address`)
  return { recipients: [{ address, name: '', record: null }], remarks: [] }
}
