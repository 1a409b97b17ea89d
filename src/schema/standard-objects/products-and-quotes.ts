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
  phone,
  picklist,
  READ_ONLY,
  REQUIRED,
  reference,
  standardObject,
  text,
  textArea,
} from '../define-field.ts'

const percent = (name: string) => field(name, 'percent', { precision: 18, scale: 2 })
const number = (name: string) =>
  field(name, 'autonumber', { length: 30, displayFormat: '{00000000}', ...READ_ONLY })

/** Product2: what is sold. */
export const PRODUCT = standardObject('Product2', '01t', 'Product|Products', [
  text('Name', 255, { label: 'Product Name', ...REQUIRED }),
  text('ProductCode', 255),
  textArea('Description', 4000),
  checkbox('IsActive'),
  picklist('Family', 'None', { label: 'Product Family' }),
  text('StockKeepingUnit', 180, { label: 'Product SKU' }),
  picklist('QuantityUnitOfMeasure', 'Each'),
  text('DisplayUrl', 1000),
  text('ExternalId', 255),
  checkbox('IsArchived', READ_ONLY),
  ...LAST_USED,
])

/** Pricebook2: a list of prices. */
export const PRICE_BOOK = standardObject('Pricebook2', '01s', 'Price Book|Price Books', [
  text('Name', 255, { label: 'Price Book Name', ...REQUIRED }),
  checkbox('IsActive'),
  checkbox('IsArchived', READ_ONLY),
  textArea('Description', 255),
  checkbox('IsStandard', { label: 'Is Standard Price Book' }),
  ...LAST_USED,
])

/** PricebookEntry: a product's price in a price book. */
export const PRICE_BOOK_ENTRY = standardObject(
  'PricebookEntry',
  '01u',
  'Price Book Entry|Price Book Entries',
  [
    text('Name', 255, { label: 'Product Name' }),
    reference('Pricebook2Id', ['Pricebook2'], REQUIRED),
    reference('Product2Id', ['Product2'], REQUIRED),
    currency('UnitPrice', 2, { label: 'List Price', ...REQUIRED }),
    checkbox('IsActive'),
    checkbox('UseStandardPrice'),
    text('ProductCode', 255),
  ],
)

/** OpportunityLineItem: a product of an opportunity. Its prices are kept as they are given. */
export const OPPORTUNITY_PRODUCT = standardObject(
  'OpportunityLineItem',
  '00k',
  'Opportunity Product|Opportunity Products',
  [
    reference('OpportunityId', ['Opportunity'], REQUIRED),
    int('SortOrder', 9),
    reference('PricebookEntryId', ['PricebookEntry']),
    reference('Product2Id', ['Product2']),
    text('ProductCode', 255),
    text('Name', 376, { label: 'Opportunity Product Name' }),
    double('Quantity', 2, REQUIRED),
    percent('Discount'),
    currency('Subtotal', 2),
    currency('TotalPrice', 2),
    currency('UnitPrice', 2, { label: 'Sales Price' }),
    currency('ListPrice', 2),
    field('ServiceDate', 'date', { label: 'Date' }),
    text('Description', 255, { label: 'Line Description' }),
  ],
)

/** Quote: an offer for an opportunity. */
export const QUOTE = standardObject('Quote', '0Q0', 'Quote|Quotes', [
  owner('User', 'Group'),
  text('Name', 255, { label: 'Quote Name', ...REQUIRED }),
  reference('RecordTypeId', ['RecordType']),
  reference('OpportunityId', ['Opportunity']),
  reference('Pricebook2Id', ['Pricebook2']),
  reference('ContactId', ['Contact']),
  reference('AccountId', ['Account']),
  number('QuoteNumber'),
  checkbox('IsSyncing', { label: 'Syncing' }),
  currency('ShippingHandling', 2, { label: 'Shipping and Handling' }),
  currency('Tax', 2),
  picklist('Status', '*Draft|Needs Review|In Review|Approved|Rejected|Presented|Accepted|Denied'),
  field('ExpirationDate', 'date'),
  textArea('Description', 32000),
  currency('Subtotal', 2),
  currency('TotalPrice', 2),
  int('LineItemCount', 9),
  percent('Discount'),
  currency('GrandTotal', 2),
  ...['Billing', 'Shipping', 'QuoteTo', 'Additional'].flatMap((prefix) => [
    ...address(prefix),
    text(`${prefix}Name`, 255),
  ]),
  email('Email'),
  phone('Phone'),
  phone('Fax'),
  ...LAST_USED,
])

/** QuoteLineItem: a product of a quote. Its prices are kept as they are given. */
export const QUOTE_LINE = standardObject(
  'QuoteLineItem',
  '0QL',
  'Quote Line Item|Quote Line Items',
  [
    number('LineNumber'),
    reference('QuoteId', ['Quote'], REQUIRED),
    reference('PricebookEntryId', ['PricebookEntry']),
    reference('OpportunityLineItemId', ['OpportunityLineItem']),
    reference('Product2Id', ['Product2']),
    double('Quantity', 2, REQUIRED),
    currency('UnitPrice', 2, { label: 'Sales Price' }),
    percent('Discount'),
    text('Description', 255, { label: 'Line Item Description' }),
    field('ServiceDate', 'date', { label: 'Date' }),
    int('SortOrder', 9),
    currency('ListPrice', 2),
    currency('Subtotal', 2),
    currency('TotalPrice', 2),
  ],
)

/** Order: what an account ordered. */
export const ORDER = standardObject('Order', '801', 'Order|Orders', [
  owner('User', 'Group'),
  reference('RecordTypeId', ['RecordType']),
  reference('ContractId', ['Contract']),
  reference('AccountId', ['Account']),
  reference('Pricebook2Id', ['Pricebook2']),
  reference('OriginalOrderId', ['Order']),
  field('EffectiveDate', 'date', { label: 'Order Start Date', ...REQUIRED }),
  field('EndDate', 'date', { label: 'Order End Date' }),
  checkbox('IsReductionOrder', { label: 'Reduction Order' }),
  picklist('Status', '*Draft|Activated', REQUIRED),
  textArea('Description', 32000),
  reference('CustomerAuthorizedById', ['Contact']),
  reference('CompanyAuthorizedById', ['User']),
  picklist('Type', 'New|Renewal', { label: 'Order Type' }),
  ...address('Billing'),
  ...address('Shipping'),
  field('ActivatedDate', 'datetime'),
  reference('ActivatedById', ['User']),
  picklist('StatusCode', '*Draft|Activated|Canceled|Expired', { label: 'Status Category' }),
  number('OrderNumber'),
  currency('TotalAmount', 2, { label: 'Order Amount' }),
  ...LAST_USED,
])

/** OrderItem: a product of an order. */
export const ORDER_PRODUCT = standardObject('OrderItem', '802', 'Order Product|Order Products', [
  reference('Product2Id', ['Product2']),
  reference('OrderId', ['Order'], REQUIRED),
  reference('PricebookEntryId', ['PricebookEntry']),
  reference('OriginalOrderItemId', ['OrderItem']),
  double('AvailableQuantity', 2),
  double('Quantity', 2, REQUIRED),
  currency('UnitPrice', 2),
  currency('ListPrice', 2),
  currency('TotalPrice', 2),
  field('ServiceDate', 'date', { label: 'Start Date' }),
  field('EndDate', 'date'),
  text('Description', 255, { label: 'Line Description' }),
  number('OrderItemNumber'),
])
