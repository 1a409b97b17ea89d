import {
  address,
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

const percent = (name: string) => field(name, 'percent', { precision: 18, scale: 2 })
const number = (name: string) =>
  field(name, 'autonumber', { length: 30, displayFormat: '{00000000}', ...READ_ONLY })

/** CaseComment: a remark on a case. */
export const CASE_COMMENT = standardObject('CaseComment', '00a', 'Case Comment|Case Comments', [
  reference('ParentId', ['Case'], REQUIRED),
  checkbox('IsPublished', { label: 'Published' }),
  textArea('CommentBody', 4000, { label: 'Body' }),
])

/** The e-mail's state, by the digit that its value is. */
const EMAIL_STATUSES = ['New', 'Read', 'Replied', 'Sent', 'Forwarded', 'Draft'].map(
  (label, value) => ({ value: `${value}`, label, active: true, isDefault: value === 0 }),
)

/** EmailMessage: an e-mail that came in about a case, or went out. */
export const EMAIL_MESSAGE = standardObject('EmailMessage', '02s', 'Email Message|Email Messages', [
  reference('ParentId', ['Case']),
  reference('ActivityId', ['Task']),
  textArea('TextBody', 131072),
  textArea('HtmlBody', 131072),
  textArea('Headers', 32000),
  text('Subject', 3000),
  text('FromName', 1000),
  text('FromAddress', 1000),
  picklist('ValidatedFromAddress', '', { label: 'From', picklist: [] }),
  text('ToAddress', 4000),
  text('CcAddress', 4000),
  text('BccAddress', 4000),
  checkbox('Incoming', { label: 'Is Incoming' }),
  checkbox('HasAttachment'),
  picklist('Status', '', { picklist: EMAIL_STATUSES, ...REQUIRED }),
  field('MessageDate', 'datetime'),
  reference('ReplyToEmailMessageId', ['EmailMessage']),
  checkbox('IsPrivateDraft'),
  checkbox('IsExternallyVisible'),
  text('MessageIdentifier', 765),
  text('ThreadIdentifier', 765),
  checkbox('IsClientManaged'),
  reference('RelatedToId', ['Account', 'Opportunity', 'Case', 'Campaign', 'Contract', 'Quote']),
])

/** Asset: a product that an account has. */
export const ASSET = standardObject('Asset', '02i', 'Asset|Assets', [
  reference('RecordTypeId', ['RecordType']),
  reference('ContactId', ['Contact']),
  reference('AccountId', ['Account'], { deleteConstraint: 'Cascade' }),
  reference('ParentId', ['Asset'], { label: 'Parent Asset ID' }),
  reference('RootAssetId', ['Asset'], READ_ONLY),
  reference('Product2Id', ['Product2']),
  text('ProductCode', 255),
  checkbox('IsCompetitorProduct', { label: 'Competitor Asset' }),
  text('Name', 255, { label: 'Asset Name', ...REQUIRED }),
  text('SerialNumber', 80),
  field('InstallDate', 'date'),
  field('PurchaseDate', 'date'),
  field('UsageEndDate', 'date'),
  picklist('Status', 'Shipped|Installed|Registered|Obsolete|Purchased'),
  currency('Price', 2),
  double('Quantity', 2),
  textArea('Description', 32000),
  owner('User'),
  reference('AssetProvidedById', ['Account']),
  reference('AssetServicedById', ['Account']),
  checkbox('IsInternal', { label: 'Internal Asset' }),
  int('AssetLevel', 9, READ_ONLY),
  text('StockKeepingUnit', 180, { label: 'Product SKU' }),
  ...LAST_USED,
])

/** ServiceContract: service that an account has bought. */
export const SERVICE_CONTRACT = standardObject(
  'ServiceContract',
  '810',
  'Service Contract|Service Contracts',
  [
    owner('User', 'Group'),
    reference('RecordTypeId', ['RecordType']),
    text('Name', 255, { label: 'Contract Name', ...REQUIRED }),
    reference('AccountId', ['Account'], { deleteConstraint: 'Restrict' }),
    reference('ContactId', ['Contact']),
    int('Term', 8, { label: 'Term (months)' }),
    field('StartDate', 'date'),
    field('EndDate', 'date'),
    field('ActivationDate', 'datetime'),
    picklist('ApprovalStatus', '*Draft|In Approval Process|Activated'),
    textArea('Description', 32000),
    ...address('Billing'),
    ...address('Shipping'),
    reference('Pricebook2Id', ['Pricebook2']),
    currency('ShippingHandling', 2),
    currency('Tax', 2),
    currency('Subtotal', 2),
    currency('TotalPrice', 2),
    int('LineItemCount', 9),
    number('ContractNumber'),
    textArea('SpecialTerms', 4000),
    percent('Discount'),
    currency('GrandTotal', 2),
    picklist('Status', 'Inactive|Active|Expired'),
    reference('ParentServiceContractId', ['ServiceContract']),
    reference('RootServiceContractId', ['ServiceContract'], READ_ONLY),
    ...LAST_USED,
  ],
)

/** Entitlement: the support that an account may ask for. */
export const ENTITLEMENT = standardObject('Entitlement', '550', 'Entitlement|Entitlements', [
  text('Name', 255, { label: 'Entitlement Name', ...REQUIRED }),
  reference('AccountId', ['Account'], REQUIRED),
  picklist('Type', 'Web Support|Phone Support'),
  reference('ServiceContractId', ['ServiceContract']),
  reference('AssetId', ['Asset']),
  field('StartDate', 'date'),
  field('EndDate', 'date'),
  checkbox('IsPerIncident', { label: 'Per Incident' }),
  int('CasesPerEntitlement', 9),
  int('RemainingCases', 9),
  picklist('Status', 'Inactive|Active|Expired'),
  ...LAST_USED,
])

/** WorkOrder: work to be done at a customer's. */
export const WORK_ORDER = standardObject('WorkOrder', '0WO', 'Work Order|Work Orders', [
  owner('User', 'Group'),
  reference('RecordTypeId', ['RecordType']),
  number('WorkOrderNumber'),
  reference('AccountId', ['Account']),
  reference('ContactId', ['Contact']),
  reference('CaseId', ['Case']),
  reference('EntitlementId', ['Entitlement']),
  reference('ServiceContractId', ['ServiceContract']),
  reference('AssetId', ['Asset']),
  ...address(''),
  textArea('Description', 32000),
  field('StartDate', 'datetime'),
  field('EndDate', 'datetime'),
  text('Subject', 255),
  reference('RootWorkOrderId', ['WorkOrder'], READ_ONLY),
  picklist('Status', '*New|In Progress|On Hold|Completed|Closed|Cannot Complete|Canceled'),
  picklist('Priority', 'Low|Medium|High|Critical'),
  currency('Tax', 2),
  currency('Subtotal', 2),
  currency('TotalPrice', 2),
  int('LineItemCount', 9),
  reference('Pricebook2Id', ['Pricebook2']),
  percent('Discount'),
  currency('GrandTotal', 2),
  reference('ParentWorkOrderId', ['WorkOrder']),
  checkbox('IsClosed'),
  double('Duration', 2),
  picklist('DurationType', 'Hours|Minutes'),
  picklist('StatusCategory', 'New|InProgress|OnHold|Completed|Closed|CannotComplete|Canceled'),
  ...LAST_USED,
])

/** Solution: how a customer's trouble was ended. */
export const SOLUTION = standardObject('Solution', '501', 'Solution|Solutions', [
  reference('RecordTypeId', ['RecordType']),
  number('SolutionNumber'),
  text('SolutionName', 255, { label: 'Title', ...REQUIRED }),
  checkbox('IsPublished', { label: 'Public' }),
  checkbox('IsPublishedInPublicKb', { label: 'Visible in Public Knowledge Base' }),
  picklist('Status', '*Draft|Reviewed|Duplicate', REQUIRED),
  checkbox('IsReviewed', { label: 'Reviewed' }),
  textArea('SolutionNote', 32000, { label: 'Description' }),
  owner('User'),
  int('TimesUsed', 9, { label: 'Num Related Cases', ...READ_ONLY }),
  checkbox('IsHtml', READ_ONLY),
  ...LAST_USED,
])
