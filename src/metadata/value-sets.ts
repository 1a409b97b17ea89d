import type { PicklistValue } from '../schema/object-definition.ts'
import type { ValueSet } from './files/contribution.ts'

/** The fields that share each of Salesforce's standard value sets, as the Metadata API names them. */
const STANDARD_VALUE_SETS: ReadonlyMap<string, readonly string[]> = new Map([
  ['AccountOwnership', ['Account.Ownership']],
  ['AccountRating', ['Account.Rating', 'Lead.Rating']],
  ['AccountType', ['Account.Type']],
  ['CampaignStatus', ['Campaign.Status']],
  ['CampaignType', ['Campaign.Type']],
  ['CaseOrigin', ['Case.Origin']],
  ['CasePriority', ['Case.Priority']],
  ['CaseReason', ['Case.Reason']],
  ['CaseStatus', ['Case.Status']],
  ['CaseType', ['Case.Type']],
  ['ContractStatus', ['Contract.Status']],
  ['EventType', ['Event.Type']],
  ['Industry', ['Account.Industry', 'Lead.Industry']],
  [
    'LeadSource',
    ['Lead.LeadSource', 'Contact.LeadSource', 'Opportunity.LeadSource', 'Account.AccountSource'],
  ],
  ['LeadStatus', ['Lead.Status']],
  ['OpportunityStage', ['Opportunity.StageName']],
  ['OpportunityType', ['Opportunity.Type']],
  ['Salutation', ['Contact.Salutation', 'Lead.Salutation']],
  ['AssetStatus', ['Asset.Status']],
  ['CampaignMemberStatus', ['CampaignMember.Status']],
  ['EntitlementType', ['Entitlement.Type']],
  ['OrderStatus', ['Order.Status']],
  ['OrderType', ['Order.Type']],
  ['Product2Family', ['Product2.Family']],
  ['QuantityUnitOfMeasure', ['Product2.QuantityUnitOfMeasure']],
  ['QuoteStatus', ['Quote.Status']],
  ['ServiceContractApprovalStatus', ['ServiceContract.ApprovalStatus']],
  ['SolutionStatus', ['Solution.Status']],
  ['WorkOrderPriority', ['WorkOrder.Priority']],
  ['WorkOrderStatus', ['WorkOrder.Status']],
  ['TaskPriority', ['Task.Priority']],
  ['TaskStatus', ['Task.Status']],
  ['TaskType', ['Task.Type']],
])

/** The picklists that fields share. */
export type SharedPicklists = {
  /** The values of a global value set. */
  ofGlobal(name: string): readonly PicklistValue[] | undefined
  /** The values that the project's standard value sets give to a standard field. */
  ofField(objectName: string, fieldName: string): readonly PicklistValue[] | undefined
}

/** Makes the project's value sets ready to be asked; the first of a name counts. */
export function sharePicklists(valueSets: readonly ValueSet[]): SharedPicklists {
  const globals = new Map<string, readonly PicklistValue[]>()
  const fields = new Map<string, readonly PicklistValue[]>()
  for (const { name, scope, values } of valueSets) {
    const into = scope === 'global' ? globals : fields
    const keys = scope === 'global' ? [name.toLowerCase()] : (STANDARD_VALUE_SETS.get(name) ?? [])
    for (const key of keys) if (!into.has(key)) into.set(key, values)
  }
  return {
    // A file may write the set's name with its namespace or the `__gvs` ending.
    ofGlobal: (name) =>
      globals.get(name.toLowerCase()) ?? globals.get(name.toLowerCase().replace(/__gvs$/, '')),
    ofField: (objectName, fieldName) => fields.get(`${objectName}.${fieldName}`),
  }
}
