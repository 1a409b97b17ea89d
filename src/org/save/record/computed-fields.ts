import { Decimal } from 'decimal.js'
import type { FieldValue, FieldValues } from '../../../schema/field-value.ts'
import { CLOSED_CASE_STATUSES } from '../../../schema/standard-objects/case-and-contract.ts'
import {
  OPPORTUNITY_STAGES,
  type OpportunityStage,
} from '../../../schema/standard-objects/opportunity.ts'
import { CLOSED_TASK_STATUSES } from '../../../schema/standard-objects/task-and-event.ts'
import { writeDecimal } from '../../values/coerce-number.ts'

/** A record about to be saved. */
export type Draft = {
  readonly objectName: string
  /** Null when it is new. */
  readonly before: FieldValues | null
  readonly after: FieldValues
  /** API names of the fields that the client set. */
  readonly edited: ReadonlySet<string>
  /** When it is saved, as a date-time value. */
  readonly nowText: string
}

/** The fields that Salesforce itself derives from others of the same record: only what must be set. */
export function computedFields(draft: Draft): FieldValues {
  switch (draft.objectName) {
    case 'Contact':
    case 'Lead':
    case 'User':
      return personName(draft)
    case 'Opportunity':
      return opportunityFields(draft)
    case 'Case':
      return caseFields(draft)
    case 'Task':
      return { IsClosed: isOneOf(CLOSED_TASK_STATUSES, draft.after.Status) }
    default:
      return {}
  }
}

function personName({ after }: Draft): FieldValues {
  const parts = [after.FirstName, after.LastName].filter((each) => typeof each === 'string')
  return { Name: parts.join(' ') || null }
}

function caseFields({ before, after, nowText }: Draft): FieldValues {
  const isClosed = isOneOf(CLOSED_CASE_STATUSES, after.Status)
  const wasClosed = before?.IsClosed === true
  return {
    IsClosed: isClosed,
    ClosedDate: isClosed ? (wasClosed ? (before?.ClosedDate ?? nowText) : nowText) : null,
    IsClosedOnCreate: before === null ? isClosed : (before.IsClosedOnCreate ?? false),
  }
}

function opportunityFields(draft: Draft): FieldValues {
  const { before, after, edited } = draft
  const stage = stageOf(after.StageName)
  const isMoved = before === null || before.StageName !== after.StageName
  const probability =
    isMoved && !edited.has('Probability') ? String(stage.probability) : (after.Probability ?? null)
  const isForecastSet = edited.has('ForecastCategoryName') && after.ForecastCategoryName !== null
  return {
    IsClosed: stage.isClosed,
    IsWon: stage.isWon,
    Probability: probability,
    ...(isMoved && !isForecastSet ? forecastOf(stage) : {}),
    ExpectedRevenue: expectedRevenue(after.Amount ?? null, probability),
    ...fiscalPeriod(after.CloseDate ?? null),
  }
}

function stageOf(name: FieldValue | undefined): OpportunityStage {
  const text = typeof name === 'string' ? name : ''
  const known = OPPORTUNITY_STAGES.find((each) => each.name.toLowerCase() === text.toLowerCase())
  if (known) return known
  // Stages of a project's own carry no probability in its files; their names tell how they end.
  const isWon = /\bwon\b/i.test(text)
  const isClosed = isWon || /^closed\b|\blost\b/i.test(text)
  return {
    name: text,
    probability: isWon ? 100 : isClosed ? 0 : 10,
    forecastCategory: isWon ? 'Closed' : isClosed ? 'Omitted' : 'Pipeline',
    isClosed,
    isWon,
  }
}

const FORECAST_NAMES = new Map([
  ['BestCase', 'Best Case'],
  ['Forecast', 'Commit'],
])

function forecastOf({ forecastCategory }: OpportunityStage): FieldValues {
  return {
    ForecastCategory: forecastCategory,
    ForecastCategoryName: FORECAST_NAMES.get(forecastCategory) ?? forecastCategory,
  }
}

function expectedRevenue(amount: FieldValue, probability: FieldValue): FieldValue {
  if (typeof amount !== 'string' || typeof probability !== 'string') return null
  return writeDecimal(new Decimal(amount).mul(probability).div(100).toDecimalPlaces(2))
}

function fiscalPeriod(closeDate: FieldValue): FieldValues {
  if (typeof closeDate !== 'string') return { FiscalYear: null, FiscalQuarter: null, Fiscal: null }
  const year = closeDate.slice(0, 4)
  const quarter = String(Math.ceil(Number(closeDate.slice(5, 7)) / 3))
  return { FiscalYear: year, FiscalQuarter: quarter, Fiscal: `${year} ${quarter}` }
}

function isOneOf(values: readonly string[], value: FieldValue | undefined): boolean {
  return (
    typeof value === 'string' && values.some((each) => each.toLowerCase() === value.toLowerCase())
  )
}
