import {
  checkbox,
  currency,
  double,
  field,
  int,
  LAST_USED,
  owner,
  picklist,
  READ_ONLY,
  REQUIRED,
  reference,
  standardObject,
  text,
  textArea,
} from '../define-field.ts'
import { LEAD_SOURCES } from './shared-picklists.ts'

/** What a stage says about an opportunity that is in it. */
export type OpportunityStage = {
  readonly name: string
  /** Percent, 0 to 100. */
  readonly probability: number
  readonly forecastCategory: 'Omitted' | 'Pipeline' | 'BestCase' | 'Forecast' | 'Closed'
  readonly isClosed: boolean
  readonly isWon: boolean
}

function stage(
  name: string,
  probability: number,
  forecastCategory: OpportunityStage['forecastCategory'],
): OpportunityStage {
  const isWon = forecastCategory === 'Closed'
  return { name, probability, forecastCategory, isWon, isClosed: isWon || probability === 0 }
}

/** Salesforce's own stages at sign-up: what `IsClosed`, `IsWon`, `Probability` and forecast follow from. */
export const OPPORTUNITY_STAGES: readonly OpportunityStage[] = [
  stage('Prospecting', 10, 'Pipeline'),
  stage('Qualification', 10, 'Pipeline'),
  stage('Needs Analysis', 20, 'Pipeline'),
  stage('Value Proposition', 50, 'Pipeline'),
  stage('Id. Decision Makers', 60, 'Pipeline'),
  stage('Perception Analysis', 70, 'Pipeline'),
  stage('Proposal/Price Quote', 75, 'Pipeline'),
  stage('Negotiation/Review', 90, 'Pipeline'),
  stage('Closed Won', 100, 'Closed'),
  stage('Closed Lost', 0, 'Omitted'),
]

const STAGE_NAMES = OPPORTUNITY_STAGES.map(({ name }) => name).join('|')
const FORECAST_CATEGORIES = 'Omitted|Pipeline|BestCase|MostLikely|Forecast|Closed'

/** Opportunity: a sale that may come. */
export const OPPORTUNITY = standardObject('Opportunity', '006', 'Opportunity|Opportunities', [
  reference('AccountId', ['Account'], { deleteConstraint: 'Cascade' }),
  reference('RecordTypeId', ['RecordType']),
  checkbox('IsPrivate'),
  text('Name', 120, REQUIRED),
  textArea('Description', 32000),
  picklist('StageName', STAGE_NAMES, { label: 'Stage', ...REQUIRED }),
  currency('Amount', 2),
  field('Probability', 'percent', { precision: 3, scale: 0, label: 'Probability (%)' }),
  currency('ExpectedRevenue', 2, { label: 'Expected Amount', ...READ_ONLY }),
  double('TotalOpportunityQuantity', 2, { label: 'Quantity' }),
  field('CloseDate', 'date', REQUIRED),
  picklist('Type', 'Existing Business|New Business', { label: 'Opportunity Type' }),
  text('NextStep', 255),
  picklist('LeadSource', LEAD_SOURCES),
  checkbox('IsClosed', READ_ONLY),
  checkbox('IsWon', READ_ONLY),
  picklist('ForecastCategory', FORECAST_CATEGORIES, { restricted: true, ...READ_ONLY }),
  picklist('ForecastCategoryName', 'Omitted|Pipeline|Best Case|Commit|Closed', {
    label: 'Forecast Category',
  }),
  reference('CampaignId', ['Campaign']),
  reference('Pricebook2Id', ['Pricebook2']),
  checkbox('HasOpportunityLineItem', { label: 'Has Line Item', ...READ_ONLY }),
  owner('User'),
  field('LastActivityDate', 'date', { label: 'Last Activity', ...READ_ONLY }),
  int('FiscalQuarter', 9, READ_ONLY),
  int('FiscalYear', 9, READ_ONLY),
  text('Fiscal', 6, { label: 'Fiscal Period', ...READ_ONLY }),
  ...LAST_USED,
  checkbox('HasOpenActivity', { label: 'Has Open Activity', ...READ_ONLY }),
  checkbox('HasOverdueTask', { label: 'Has Overdue Task', ...READ_ONLY }),
])
