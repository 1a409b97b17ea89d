import {
  address,
  checkbox,
  currency,
  double,
  email,
  field,
  int,
  LAST_USED,
  owner,
  personName,
  phone,
  picklist,
  READ_ONLY,
  REQUIRED,
  reference,
  standardObject,
  text,
  textArea,
  url,
} from '../define-field.ts'
import { INDUSTRIES, LEAD_SOURCES, RATINGS } from './shared-picklists.ts'

const LEAD_STATUSES =
  '*Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted'

/** Lead: somebody who may buy. Only converting it fills the Converted fields. */
export const LEAD = standardObject('Lead', '00Q', 'Lead|Leads', [
  reference('MasterRecordId', ['Lead'], READ_ONLY),
  ...personName({}),
  reference('RecordTypeId', ['RecordType']),
  text('Title', 128),
  text('Company', 255, REQUIRED),
  ...address(''),
  phone('Phone'),
  phone('MobilePhone'),
  phone('Fax'),
  email('Email'),
  url('Website'),
  url('PhotoUrl', READ_ONLY),
  textArea('Description', 32000),
  picklist('LeadSource', LEAD_SOURCES),
  picklist('Status', LEAD_STATUSES, REQUIRED),
  picklist('Industry', INDUSTRIES),
  picklist('Rating', RATINGS),
  currency('AnnualRevenue', 0),
  int('NumberOfEmployees', 8, { label: 'Employees' }),
  owner('User', 'Group'),
  checkbox('HasOptedOutOfEmail', { label: 'Email Opt Out' }),
  checkbox('HasOptedOutOfFax', { label: 'Fax Opt Out' }),
  checkbox('DoNotCall'),
  checkbox('IsConverted', { updateable: false }),
  field('ConvertedDate', 'date', READ_ONLY),
  reference('ConvertedAccountId', ['Account'], READ_ONLY),
  reference('ConvertedContactId', ['Contact'], READ_ONLY),
  reference('ConvertedOpportunityId', ['Opportunity'], READ_ONLY),
  checkbox('IsUnreadByOwner', { label: 'Unread By Owner' }),
  field('LastActivityDate', 'date', { label: 'Last Activity', ...READ_ONLY }),
  ...LAST_USED,
  text('Jigsaw', 20, { label: 'Data.com Key' }),
  text('JigsawContactId', 20, READ_ONLY),
  text('EmailBouncedReason', 255),
  field('EmailBouncedDate', 'datetime'),
])

const CAMPAIGN_TYPES = [
  'Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|Advertisement',
  'Banner Ads|Direct Mail|Email|Telemarketing|Other',
].join('|')

/** Campaign. What counts its members and opportunities stays blank: there are no members here. */
export const CAMPAIGN = standardObject('Campaign', '701', 'Campaign|Campaigns', [
  text('Name', 80, REQUIRED),
  reference('ParentId', ['Campaign'], { label: 'Parent Campaign ID' }),
  reference('RecordTypeId', ['RecordType']),
  picklist('Type', CAMPAIGN_TYPES),
  picklist('Status', '*Planned|In Progress|Completed|Aborted'),
  field('StartDate', 'date'),
  field('EndDate', 'date'),
  currency('ExpectedRevenue', 0),
  currency('BudgetedCost', 0),
  currency('ActualCost', 0),
  field('ExpectedResponse', 'percent', { precision: 10, scale: 2, label: 'Expected Response (%)' }),
  double('NumberSent', 0, { label: 'Num Sent' }),
  checkbox('IsActive'),
  textArea('Description', 32000),
  int('NumberOfLeads', 8, READ_ONLY),
  int('NumberOfConvertedLeads', 8, READ_ONLY),
  int('NumberOfContacts', 8, READ_ONLY),
  int('NumberOfResponses', 8, READ_ONLY),
  int('NumberOfOpportunities', 8, READ_ONLY),
  int('NumberOfWonOpportunities', 8, READ_ONLY),
  currency('AmountAllOpportunities', 0, READ_ONLY),
  currency('AmountWonOpportunities', 0, READ_ONLY),
  owner('User'),
  field('LastActivityDate', 'date', { label: 'Last Activity', ...READ_ONLY }),
  ...LAST_USED,
])

/** CampaignMember: a lead or contact that a campaign is for; their names and addresses are shown from them. */
export const CAMPAIGN_MEMBER = standardObject(
  'CampaignMember',
  '00v',
  'Campaign Member|Campaign Members',
  [
    reference('CampaignId', ['Campaign'], REQUIRED),
    reference('LeadId', ['Lead']),
    reference('ContactId', ['Contact']),
    reference('RecordTypeId', ['RecordType']),
    picklist('Status', '*Sent|Responded'),
    checkbox('HasResponded', { label: 'Responded' }),
    field('FirstRespondedDate', 'date'),
  ],
)
