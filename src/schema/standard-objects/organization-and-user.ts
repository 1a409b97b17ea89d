import {
  address,
  checkbox,
  email,
  field,
  int,
  LAST_USED,
  personName,
  phone,
  picklist,
  READ_ONLY,
  REQUIRED,
  reference,
  standardObject,
  text,
  textArea,
} from '../define-field.ts'
import { LANGUAGES, LOCALES, TIME_ZONES } from './shared-picklists.ts'

const ENCODINGS = '*UTF-8|ISO-8859-1|Shift_JIS|ISO-2022-JP|EUC-JP|ks_c_5601-1987|Big5|GB2312'
const USER_TYPES =
  '*Standard|PowerPartner|PowerCustomerSuccess|CustomerSuccess|Guest|CspLitePortal|CsnOnly|SelfService'
const EDITIONS =
  'Team Edition|Professional Edition|Enterprise Edition|*Developer Edition|Personal Edition|Unlimited Edition'

/** User: somebody who may sign in, or as whom messages are sent. */
export const USER = standardObject('User', '005', 'User|Users', [
  text('Username', 80, { unique: true, ...REQUIRED }),
  ...personName(),
  text('CompanyName', 80),
  text('Division', 80),
  text('Department', 80),
  text('Title', 80),
  ...address(''),
  email('Email', { length: 128, ...REQUIRED }),
  phone('Phone'),
  phone('Fax'),
  phone('MobilePhone', { label: 'Cell' }),
  text('Alias', 8, REQUIRED),
  text('CommunityNickname', 40, { label: 'Nickname' }),
  checkbox('IsActive', { defaultValue: 'true' }),
  picklist('TimeZoneSidKey', TIME_ZONES, { label: 'Time Zone', ...REQUIRED }),
  reference('UserRoleId', ['UserRole'], { label: 'Role ID' }),
  picklist('LocaleSidKey', LOCALES, { label: 'Locale', ...REQUIRED }),
  checkbox('ReceivesInfoEmails', { label: 'Info Emails' }),
  checkbox('ReceivesAdminInfoEmails', { label: 'Admin Info Emails' }),
  picklist('EmailEncodingKey', ENCODINGS, { label: 'Email Encoding', ...REQUIRED }),
  reference('ProfileId', ['Profile'], REQUIRED),
  picklist('UserType', USER_TYPES, { restricted: true, ...READ_ONLY }),
  picklist('LanguageLocaleKey', LANGUAGES, { label: 'Language', ...REQUIRED }),
  text('EmployeeNumber', 20),
  reference('DelegatedApproverId', ['User', 'Group']),
  reference('ManagerId', ['User']),
  field('LastLoginDate', 'datetime', { label: 'Last Login', ...READ_ONLY }),
  field('LastPasswordChangeDate', 'datetime', READ_ONLY),
  checkbox('ForecastEnabled', { label: 'Allow Forecasting' }),
  reference('ContactId', ['Contact'], { updateable: false }),
  reference('AccountId', ['Account'], READ_ONLY),
  phone('Extension'),
  text('FederationIdentifier', 512, { label: 'SAML Federation ID', unique: true }),
  textArea('AboutMe', 1000),
  textArea('Signature', 1333, { label: 'Email Signature' }),
  text('SenderName', 80, { label: 'Email Sender Name' }),
  email('SenderEmail', { label: 'Email Sender Address' }),
  ...LAST_USED,
])

/** Profile: what its users may see and do. */
export const PROFILE = standardObject('Profile', '00e', 'Profile|Profiles', [
  text('Name', 255, REQUIRED),
  picklist('UserType', USER_TYPES, { restricted: true, ...READ_ONLY }),
  textArea('Description', 255),
  ...LAST_USED,
])

/** UserRole: a place in the hierarchy of users. */
export const USER_ROLE = standardObject('UserRole', '00E', 'Role|Roles', [
  text('Name', 80, REQUIRED),
  reference('ParentRoleId', ['UserRole']),
  text('RollupDescription', 80, { label: 'Description' }),
  text('DeveloperName', 80),
])

/** Group: a public group, or a queue that may own records. */
export const GROUP = standardObject('Group', '00G', 'Group|Groups', [
  text('Name', 40, REQUIRED),
  text('DeveloperName', 80),
  picklist('Type', 'Regular|Role|RoleAndSubordinates|Organization|Queue', { restricted: true }),
  reference('RelatedId', ['UserRole'], { relationshipName: 'Related' }),
  email('Email', { length: 255 }),
  checkbox('DoesSendEmailToMembers', { label: 'Send Email to Members' }),
  checkbox('DoesIncludeBosses', { label: 'Include Bosses' }),
])

/** Organization: the org itself, one record. */
export const ORGANIZATION = standardObject('Organization', '00D', 'Organization|Organizations', [
  text('Name', 80, REQUIRED),
  text('Division', 80),
  ...address(''),
  phone('Phone'),
  phone('Fax'),
  text('PrimaryContact', 80),
  picklist('DefaultLocaleSidKey', LOCALES, { label: 'Locale' }),
  picklist('TimeZoneSidKey', TIME_ZONES, { label: 'Time Zone' }),
  picklist('LanguageLocaleKey', LANGUAGES, { label: 'Language' }),
  checkbox('ReceivesInfoEmails', { label: 'Info Emails' }),
  checkbox('ReceivesAdminInfoEmails', { label: 'Info Emails Admin' }),
  int('FiscalYearStartMonth', 9, { label: 'Fiscal Year Starts In', defaultValue: '1' }),
  checkbox('UsesStartDateAsFiscalYearName', { label: 'Fiscal Year Name by Start' }),
  email('ComplianceBccEmail', { label: 'Compliance BCC Email' }),
  field('TrialExpirationDate', 'datetime', READ_ONLY),
  picklist('OrganizationType', EDITIONS, { label: 'Edition', ...READ_ONLY }),
  text('NamespacePrefix', 15, READ_ONLY),
  text('InstanceName', 5, READ_ONLY),
  checkbox('IsSandbox', { label: 'Is Sandbox', ...READ_ONLY }),
  checkbox('IsReadOnly', { label: 'Is Read Only', ...READ_ONLY }),
])
