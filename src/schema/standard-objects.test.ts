import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { customObject } from './custom-object.ts'
import { field, reference, text } from './define-field.ts'
import { fieldOf, type ObjectDefinition, referenceOf } from './object-definition.ts'
import { OPPORTUNITY_STAGES } from './standard-objects/opportunity.ts'
import { STANDARD_OBJECTS } from './standard-objects.ts'

const schemaFile = import.meta
  .resolve('jsforce')
  .replace(/index\.js$/, 'lib/types/standard-schema.d.ts')
const schema = readFileSync(new URL(schemaFile), 'utf8')

function fieldsAtSalesforce(objectName: string): ReadonlySet<string> {
  const block = schema.match(new RegExp(`type Fields\\$${objectName} = \\{([^}]*)\\}`))?.[1]
  assert.ok(block, objectName)
  return new Set([...block.matchAll(/^\s+(\w+):/gm)].map((match) => match[1] ?? ''))
}

function objectNamed(name: string): ObjectDefinition {
  const found = STANDARD_OBJECTS.find((object) => object.name === name)
  assert.ok(found, name)
  return found
}

/** Fields of the object reference that the org jsforce was made from does not show. */
const NOT_IN_THAT_ORG: Readonly<Record<string, string>> = {
  // hidden there by the page layouts or the edition
  Account: 'RecordTypeId AccountNumber Sic Ownership TickerSymbol Rating Site',
  Contact: 'RecordTypeId',
  Lead: 'RecordTypeId MobilePhone Fax HasOptedOutOfEmail HasOptedOutOfFax DoNotCall',
  Opportunity: 'RecordTypeId IsPrivate ExpectedRevenue TotalOpportunityQuantity',
  Case: 'MasterRecordId RecordTypeId',
  Task: 'RecordTypeId Type CompletedDateTime',
  Event: 'RecordTypeId Type',
  Campaign: 'RecordTypeId',
  Contract: 'RecordTypeId Name',
  CampaignMember: 'RecordTypeId',
  OpportunityLineItem: 'Discount Subtotal',
  Order: 'RecordTypeId',
  Asset: 'RecordTypeId',
  ServiceContract: 'RecordTypeId',
  WorkOrder: 'RecordTypeId',
  Solution: 'RecordTypeId',
  PermissionSetAssignment:
    'IsDeleted CreatedDate CreatedById LastModifiedDate LastModifiedById ExpirationDate',
  PermissionSet: 'IsDeleted',
  // here every record can be marked as deleted
  User: 'IsDeleted',
  Profile: 'IsDeleted',
  Group: 'IsDeleted',
  Organization: 'IsDeleted',
  RecordType: 'IsDeleted',
  EmailTemplate: 'IsDeleted',
  // and every record says who made it
  UserRole: 'IsDeleted CreatedDate CreatedById',
  GroupMember: 'IsDeleted CreatedDate CreatedById LastModifiedDate LastModifiedById',
  CaseTeamMember: 'IsDeleted',
  CaseTeamRole: 'IsDeleted',
}

test('standard objects have the field names of Salesforce, and no others than are listed', () => {
  // quotes and the teams of sales are switched off there
  const hidden = ['Quote', 'QuoteLineItem', 'AccountTeamMember', 'OpportunityTeamMember']
  for (const object of STANDARD_OBJECTS.filter(({ name }) => !hidden.includes(name))) {
    const known = fieldsAtSalesforce(object.name)
    const others = object.fields.map(({ name }) => name).filter((name) => !known.has(name))
    const allowed = NOT_IN_THAT_ORG[object.name]?.split(' ') ?? []
    assert.deepEqual(others.sort(), allowed.sort(), object.name)
  }
})

test('every object has its key prefix, system fields and each field once', () => {
  const prefixes = STANDARD_OBJECTS.map(({ keyPrefix }) => keyPrefix)
  assert.equal(new Set(prefixes).size, STANDARD_OBJECTS.length)
  for (const object of STANDARD_OBJECTS) {
    assert.match(object.keyPrefix ?? '', /^[0-9A-Za-z]{3}$/)
    const names = object.fields.map(({ name }) => name)
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length, object.name)
    for (const name of ['Id', 'IsDeleted', 'CreatedById', 'LastModifiedDate', 'SystemModstamp']) {
      assert.equal(fieldOf(object, name)?.createable, false, `${object.name}.${name}`)
    }
  }
})

test('references of standard objects lead to standard objects, each by its own name', () => {
  const names = new Set(STANDARD_OBJECTS.map(({ name }) => name))
  for (const object of STANDARD_OBJECTS) {
    const references = object.fields.filter(({ type }) => type === 'reference')
    for (const { name, referenceTo = [], relationshipName } of references) {
      assert.ok(relationshipName, `${object.name}.${name}`)
      assert.ok(referenceTo.length > 0 && referenceTo.every((target) => names.has(target)))
    }
    assert.equal(new Set(references.map((each) => each.relationshipName)).size, references.length)
  }
  assert.deepEqual(referenceOf(objectNamed('Case'), 'owner')?.referenceTo, ['User', 'Group'])
})

test('picklists have the values and defaults of Salesforce and take other values too', () => {
  const status = fieldOf(objectNamed('Lead'), 'Status')
  assert.equal(status?.picklist?.find(({ isDefault }) => isDefault)?.value, 'Open - Not Contacted')
  assert.equal(status?.restricted, undefined)
  assert.equal(fieldOf(objectNamed('Account'), 'Industry')?.picklist?.length, 32)
  const stages = fieldOf(objectNamed('Opportunity'), 'StageName')?.picklist?.map(
    (each) => each.value,
  )
  assert.equal(stages?.length, 10)
  assert.deepEqual(
    OPPORTUNITY_STAGES.filter(({ isClosed }) => isClosed).map(({ name, isWon }) => [name, isWon]),
    [
      ['Closed Won', true],
      ['Closed Lost', false],
    ],
  )
})

test('compound addresses and names of persons are shown, not written', () => {
  assert.equal(fieldOf(objectNamed('Account'), 'BillingAddress')?.type, 'address')
  for (const [object, name] of [
    ['Account', 'BillingAddress'],
    ['Contact', 'Name'],
    ['Lead', 'Name'],
    ['User', 'Name'],
  ] as const) {
    const found = fieldOf(objectNamed(object), name)
    assert.equal(found?.createable, false)
    assert.equal(found?.updateable, false)
  }
})

test('labels read as people write them', () => {
  const label = (object: string, name: string) => fieldOf(objectNamed(object), name)?.label
  assert.equal(label('Account', 'BillingState'), 'Billing State/Province')
  assert.equal(label('Lead', 'PostalCode'), 'Zip/Postal Code')
  assert.equal(label('Account', 'AccountNumber'), 'Account Number')
  assert.equal(label('Contact', 'AccountId'), 'Account ID')
  assert.equal(label('User', 'IsActive'), 'Active')
  assert.equal(label('Campaign', 'NumberOfLeads'), 'Number of Leads')
})

test('a custom object has a name and an owner, but no owner under a master', () => {
  const region = customObject({ name: 'Region__c', fields: [text('Code__c', 10)] })
  assert.equal(region.label, 'Region')
  assert.equal(region.custom, true)
  assert.deepEqual(fieldOf(region, 'OwnerId')?.referenceTo, ['User', 'Group'])
  assert.equal(fieldOf(region, 'Name')?.length, 80)
  const master = reference('Region__c', ['Region__c'], { masterDetail: true })
  assert.equal(fieldOf(customObject({ name: 'Place__c', fields: [master] }), 'OwnerId'), undefined)
})

test('a hierarchy setting belongs to the organisation, a profile or a user', () => {
  const setting = customObject({
    name: 'DataCloud_User_Credential__c',
    customSetting: 'hierarchy',
    fields: [text('Username__c', 120), field('Limit__c', 'double')],
  })
  const setupOwner = fieldOf(setting, 'SetupOwnerId')
  assert.deepEqual(setupOwner?.referenceTo, ['Organization', 'Profile', 'User'])
  assert.equal(setupOwner?.relationshipName, 'SetupOwner')
  assert.equal(fieldOf(setting, 'OwnerId'), undefined)
})
