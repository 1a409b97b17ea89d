import {
  address,
  checkbox,
  email,
  field,
  int,
  LAST_USED,
  owner,
  phone,
  picklist,
  READ_ONLY,
  REQUIRED,
  reference,
  standardObject,
  text,
  textArea,
} from '../define-field.ts'

/** Statuses that close a case. */
export const CLOSED_CASE_STATUSES: readonly string[] = ['Closed']

const CASE_REASONS = [
  'Installation|Equipment Complexity|Performance|Breakdown|Equipment Design|Feedback|Other',
].join('|')

/** Case: a customer's question or trouble. Its contact's phone and e-mail are shown from the contact. */
export const CASE = standardObject('Case', '500', 'Case|Cases', [
  reference('MasterRecordId', ['Case'], READ_ONLY),
  field('CaseNumber', 'autonumber', { length: 30, displayFormat: '{00000000}', ...READ_ONLY }),
  reference('ContactId', ['Contact']),
  reference('AccountId', ['Account']),
  reference('ParentId', ['Case'], { label: 'Parent Case ID' }),
  reference('RecordTypeId', ['RecordType']),
  text('SuppliedName', 80, { label: 'Web Name' }),
  email('SuppliedEmail', { label: 'Web Email' }),
  text('SuppliedPhone', 40, { label: 'Web Phone' }),
  text('SuppliedCompany', 80, { label: 'Web Company' }),
  picklist('Type', 'Mechanical|Electrical|Electronic|Structural|Other', { label: 'Case Type' }),
  picklist('Status', '*New|Working|Escalated|Closed', REQUIRED),
  picklist('Reason', CASE_REASONS, { label: 'Case Reason' }),
  picklist('Origin', 'Phone|Email|Web', { label: 'Case Origin' }),
  text('Subject', 255),
  picklist('Priority', 'High|*Medium|Low'),
  textArea('Description', 32000),
  checkbox('IsClosed', READ_ONLY),
  field('ClosedDate', 'datetime', { label: 'Closed Date', ...READ_ONLY }),
  checkbox('IsEscalated'),
  owner('User', 'Group'),
  checkbox('IsClosedOnCreate', { label: 'Closed When Created', ...READ_ONLY }),
  phone('ContactPhone', READ_ONLY),
  phone('ContactMobile', READ_ONLY),
  email('ContactEmail', READ_ONLY),
  phone('ContactFax', READ_ONLY),
  textArea('Comments', 4000, { label: 'Internal Comments' }),
  ...LAST_USED,
])

/** Contract: an agreement with an account. */
export const CONTRACT = standardObject('Contract', '800', 'Contract|Contracts', [
  reference('AccountId', ['Account'], REQUIRED),
  reference('RecordTypeId', ['RecordType']),
  picklist('OwnerExpirationNotice', '15|30|45|60|90|120', { restricted: true }),
  field('StartDate', 'date', { label: 'Contract Start Date' }),
  field('EndDate', 'date', { label: 'Contract End Date', ...READ_ONLY }),
  ...address('Billing'),
  ...address('Shipping'),
  int('ContractTerm', 4, { label: 'Contract Term (months)' }),
  owner('User'),
  picklist('Status', '*Draft|In Approval Process|Activated', REQUIRED),
  reference('CompanySignedId', ['User'], { label: 'Company Signed By ID' }),
  field('CompanySignedDate', 'date'),
  reference('CustomerSignedId', ['Contact'], { label: 'Customer Signed By ID' }),
  text('CustomerSignedTitle', 40),
  field('CustomerSignedDate', 'date'),
  textArea('SpecialTerms', 4000),
  reference('ActivatedById', ['User'], READ_ONLY),
  field('ActivatedDate', 'datetime', READ_ONLY),
  picklist('StatusCode', 'Draft|InApproval|Activated', {
    restricted: true,
    label: 'Status Category',
    ...READ_ONLY,
  }),
  textArea('Description', 32000),
  text('Name', 80, { label: 'Contract Name' }),
  field('ContractNumber', 'autonumber', { length: 30, displayFormat: '{00000000}', ...READ_ONLY }),
  field('LastApprovedDate', 'datetime', READ_ONLY),
  field('LastActivityDate', 'date', { label: 'Last Activity', ...READ_ONLY }),
  ...LAST_USED,
])
