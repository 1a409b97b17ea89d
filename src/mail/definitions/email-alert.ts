import type { SourcePlace } from '../../schema/object-definition.ts'

/** Who an alert goes to, by Salesforce's names of the kinds. Others are kept and told of. */
export const RECIPIENT_TYPES = [
  'user', // a username
  'partnerUser',
  'customerPortalUser',
  'owner', // the record's owner: a user, or a queue
  'creator',
  'userLookup', // the user in a field of the record
  'contactLookup', // the contact in a field of the record
  'email', // an address in a field of the record
  'group', // a public group, with the groups in it
  'role',
  'roleSubordinates', // a role and those below it
  'roleSubordinatesInternal', // the same, without portal users
  'portalRole',
  'portalRoleSubordinates',
  'accountOwner',
  'accountTeam', // a role in the team of the account
  'opportunityTeam',
  'caseTeam',
  'campaignMemberDerivedOwner', // the owner of the campaign member's lead or contact
] as const

/** One line of an alert's recipients, as its file says it. */
export type AlertRecipient = {
  readonly type: string
  /** A username, a developer name, a team role. */
  readonly recipient: string | null
  /** API name of the record's field that says who. */
  readonly field: string | null
}

/** `CurrentUser`: who saved the record. */
export type SenderType = 'CurrentUser' | 'OrgWideEmailAddress' | 'DefaultWorkflowUser'

/** An e-mail alert: who gets which template when a rule or a flow calls it. */
export type EmailAlert = {
  readonly kind: 'alert'
  readonly objectName: string
  readonly fullName: string
  readonly description: string | null
  /** Addresses besides the recipients. */
  readonly ccEmails: readonly string[]
  readonly recipients: readonly AlertRecipient[]
  readonly senderType: SenderType
  /** The organisation-wide address, where `senderType` says so. */
  readonly senderAddress: string | null
  /** `Folder/Name`. */
  readonly template: string
  readonly isProtected: boolean
  readonly place: SourcePlace
}

/** `Case.Notify_Owner`: the name of an alert is unique on its object only. */
export function emailAlertKey(alert: Pick<EmailAlert, 'objectName' | 'fullName'>): string {
  return `${alert.objectName}.${alert.fullName}`
}
