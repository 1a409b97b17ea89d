import { customObject } from '../../src/schema/custom-object.ts'
import {
  currency,
  double,
  field,
  picklist,
  reference,
  text,
} from '../../src/schema/define-field.ts'
import type { ObjectDefinition, Summary } from '../../src/schema/object-definition.ts'

/** A roll-up summary of orders. */
export function ofOrders(
  operation: Summary['operation'],
  summarized: string | null,
  filters: Summary['filters'] = [],
): Summary {
  return { operation, childObject: 'Order__c', foreignKey: 'Shop__c', summarized, filters }
}

const READ_ONLY = { createable: false, updateable: false } as const
const PAID = [{ field: 'Order__c.Status__c', operation: 'equals', value: 'Paid' }]

/** A city of shops, a shop of orders, an order of lines: roll-ups of every kind, four levels deep. */
export const ROLLED_UP_OBJECTS: readonly ObjectDefinition[] = [
  customObject({
    name: 'City__c',
    fields: [
      currency('Turnover__c', 2, {
        ...READ_ONLY,
        summary: {
          operation: 'sum',
          childObject: 'Shop__c',
          foreignKey: 'City__c',
          summarized: 'Turnover__c',
          filters: [],
        },
      }),
    ],
  }),
  customObject({
    name: 'Shop__c',
    fields: [
      reference('City__c', ['City__c'], { relationshipName: 'City__r', masterDetail: true }),
      double('Orders__c', 0, { ...READ_ONLY, summary: ofOrders('count', null) }),
      currency('Turnover__c', 2, { ...READ_ONLY, summary: ofOrders('sum', 'Amount__c', PAID) }),
      currency('Least__c', 2, { ...READ_ONLY, summary: ofOrders('min', 'Amount__c') }),
      currency('Most__c', 2, { ...READ_ONLY, summary: ofOrders('max', 'Gross__c') }),
      field('Last__c', 'date', { ...READ_ONLY, summary: ofOrders('max', 'Day__c') }),
      text('Note__c', 80),
    ],
  }),
  customObject({
    name: 'Order__c',
    fields: [
      reference('Shop__c', ['Shop__c'], { relationshipName: 'Shop__r', masterDetail: true }),
      currency('Amount__c', 2),
      currency('Gross__c', 2, { ...READ_ONLY, formula: 'Amount__c * 1.2' }),
      picklist('Status__c', '*New|Paid|Lost'),
      field('Day__c', 'date'),
    ],
  }),
]
