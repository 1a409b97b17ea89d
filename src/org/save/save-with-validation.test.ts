import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  extended,
  fieldUpdate,
  sendableMessage,
  validationRule,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { customObject } from '../../schema/custom-object.ts'
import { text } from '../../schema/define-field.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { rawFields, type SaveResult } from './record-edit.ts'

const NEEDS_PHONE = validationRule({
  fullName: 'Phone_needed',
  errorConditionFormula: 'ISBLANK(Phone)',
  errorDisplayField: 'Phone',
})
const NO_FAX = validationRule({
  fullName: 'No_fax_today',
  errorConditionFormula: 'NOT(ISBLANK(Fax))',
})

const account = (fields: object) =>
  ({ kind: 'create', objectName: 'Account', fields: rawFields(fields) }) as const
const changed = (recordId: RecordId, fields: object) =>
  ({ kind: 'update', objectName: 'Account', recordId, fields: rawFields(fields) }) as const

function errorsOf(result: SaveResult | undefined) {
  return result?.kind === 'refused' ? result.errors : []
}

test('a refused record answers every failing rule, in file order, each with its field', async (t) => {
  const { save, stores } = await openTestOrg(t, {
    definitions: asDefinitions({
      rules: [workflowRule()],
      messages: [sendableMessage()],
      validationRules: [NEEDS_PHONE, NO_FAX],
    }),
  })

  const [refused, saved] = await save([
    account({ Name: 'A', Fax: '1' }),
    account({ Name: 'B', Phone: '1' }),
  ])

  assert.deepEqual(errorsOf(refused), [
    {
      statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      message: 'Phone needed',
      fields: ['Phone'],
    },
    { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No fax today', fields: [] },
  ])
  assert.equal(saved?.kind, 'saved')
  // What was refused fired nothing.
  assert.equal((await stores.outbox.list({ limit: 10 })).length, 1)
})

test('with all or none one refused record keeps the others from being saved', async (t) => {
  const { save } = await openTestOrg(t, {
    definitions: asDefinitions({ validationRules: [NEEDS_PHONE] }),
  })

  const results = await save([account({ Name: 'A' }), account({ Name: 'B', Phone: '1' })], true)

  assert.deepEqual(
    results.map((each) => errorsOf(each)[0]?.statusCode),
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
  )
})

test('system validation comes first: what is no record is not asked about', async (t) => {
  const { save } = await openTestOrg(t, {
    definitions: asDefinitions({ validationRules: [NEEDS_PHONE] }),
  })

  const [result] = await save([account({})])

  assert.deepEqual(
    errorsOf(result).map(({ statusCode }) => statusCode),
    ['REQUIRED_FIELD_MISSING'],
  )
})

test('a field update of the record itself is not validated, that of a parent is', async (t) => {
  const rules = [
    workflowRule({
      formula: 'ISCHANGED(Site)',
      actions: [
        { name: 'Drop_phone', type: 'FieldUpdate' },
        { name: 'Mark_parent', type: 'FieldUpdate' },
      ],
    }),
  ]
  const fieldUpdates = [
    fieldUpdate({ fullName: 'Drop_phone', field: 'Phone', operation: 'Null' }),
    fieldUpdate({
      fullName: 'Mark_parent',
      field: 'AccountNumber',
      targetObject: 'ParentId',
      formula: 'Site',
    }),
  ]
  const noX = validationRule({
    fullName: 'No_X',
    errorConditionFormula: 'AccountNumber = "X"',
    errorDisplayField: 'AccountNumber',
  })
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ rules, fieldUpdates, validationRules: [NEEDS_PHONE, noX] }),
  })
  const parent = await house.create('Account', { Name: 'Parent', Phone: '1' })
  const child = await house.create('Account', { Name: 'Child', Phone: '1', ParentId: parent })

  const [fine] = await house.save([changed(child, { Site: 'Y', Phone: '2' })])
  assert.equal(fine?.kind, 'saved', JSON.stringify(fine))
  assert.deepEqual(await phoneOf(house, child), null)

  const [refused] = await house.save([changed(child, { Site: 'X', Phone: '2' })])
  assert.deepEqual(errorsOf(refused), [
    { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No X', fields: [] },
  ])
})

async function phoneOf({ org }: TestOrg, recordId: RecordId) {
  const { records } = await org.store.readRecords([
    { kind: 'ids', objectName: 'Account', ids: [recordId] },
  ])
  return records[0]?.fields['Phone']
}

test('a rule sees parents of parents, formula fields and the running user, and a delete is not validated', async (t) => {
  const validationRules = [
    validationRule({
      fullName: 'Not_under_closed',
      errorConditionFormula:
        'AND(Parent.Parent.Site = "closed", $User.Username = "admin@example.com", Shout__c = "HI")',
    }),
  ]
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      objects: [extended('Account', [text('Shout__c', 80, { formula: 'UPPER(Site)' })])],
      validationRules,
    }),
  })
  const top = await house.create('Account', { Name: 'Top', Site: 'closed' })
  const middle = await house.create('Account', { Name: 'Middle', ParentId: top })

  const [refused] = await house.save([account({ Name: 'Low', ParentId: middle, Site: 'hi' })])
  const [saved] = await house.save([account({ Name: 'Low', ParentId: top, Site: 'hi' })])

  assert.equal(errorsOf(refused)[0]?.message, 'Not under closed')
  assert.equal(saved?.kind, 'saved')
  const [gone] = await house.save([{ kind: 'delete', objectName: null, recordId: middle }])
  assert.equal(gone?.kind, 'saved')
})

test('VLOOKUP finds a record by its name, read before the rule is asked', async (t) => {
  const zips = customObject({ name: 'Zip__c', fields: [text('City__c', 40)] })
  const lookup = (field: string) => `$ObjectType.Zip__c.Fields.${field}`
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      objects: [zips],
      validationRules: [
        validationRule({
          fullName: 'City_of_zip',
          errorConditionFormula: `VLOOKUP(${lookup('City__c')}, ${lookup('Name')}, LEFT(BillingPostalCode, 5)) <> BillingCity`,
        }),
      ],
    }),
  })
  await house.create('Zip__c', { Name: '50667', City__c: 'Cologne' })
  await house.create('Zip__c', { Name: '50667', City__c: 'Cologne too: the first counts' })
  const saved = async (city: string, zip: string) => {
    const fields = { Name: 'A', BillingCity: city, BillingPostalCode: zip }
    return (await house.save([account(fields)]))[0]?.kind
  }

  assert.equal(await saved('Cologne', '50667-1'), 'saved')
  assert.equal(await saved('Bonn', '50667-1'), 'refused')
  assert.equal(await saved('Cologne', '99999'), 'refused')
})

test('a formula without a result refuses nothing, and the log says so once', async (t) => {
  const broken = validationRule({
    fullName: 'Divides',
    errorConditionFormula: '1 / NumberOfEmployees > 0',
  })
  const house = await openTestOrg(t, { definitions: asDefinitions({ validationRules: [broken] }) })

  await house.create('Account', { Name: 'A', NumberOfEmployees: 0 })
  await house.create('Account', { Name: 'B', NumberOfEmployees: 0 })

  const told = house.told.filter(({ event }) => event === 'rule.failed')
  assert.deepEqual(
    told.map(({ fields }) => fields['rule']),
    ['validation rule Account.Divides'],
  )
})
