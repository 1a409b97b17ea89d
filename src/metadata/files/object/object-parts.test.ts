import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { metadataXml, temporaryProject } from '../../../../test/support/temporary-project.ts'
import { fieldOf } from '../../../schema/object-definition.ts'
import type { Project } from '../../project.ts'
import { readProject } from '../../read-project.ts'

async function readFiles(t: TestContext, files: Record<string, string>): Promise<Project> {
  return readProject(await temporaryProject(t, files))
}

function objectOf(project: Project, name: string) {
  const found = project.objects.find((object) => object.name === name)
  assert.ok(found, name)
  return found
}

function fieldNamed(project: Project, objectName: string, name: string) {
  const found = fieldOf(objectOf(project, objectName), name)
  assert.ok(found, name)
  return found
}

const rule = (name: string, more = '') =>
  `<fullName>${name}</fullName><active>true</active>${more}<errorConditionFormula>Amount__c &lt; 0</errorConditionFormula><errorMessage>Not below zero</errorMessage>`

test('validation rules are read from the object and from files of their own', async (t) => {
  const project = await readFiles(t, {
    'objects/Thing__c.object': metadataXml(
      'CustomObject',
      `<label>Thing</label>\n<validationRules>${rule('Nested', '<errorDisplayField>Amount__c</errorDisplayField>')}</validationRules>\n<validationRules><fullName>No_formula</fullName></validationRules>`,
    ),
    'objects/Account/validationRules/Own.validationRule-meta.xml': metadataXml(
      'ValidationRule',
      rule('Own', '<description>Why</description>'),
    ),
  })

  assert.deepEqual(
    project.validationRules.map(({ objectName, fullName, errorDisplayField, description }) => [
      objectName,
      fullName,
      errorDisplayField,
      description,
    ]),
    [
      ['Account', 'Own', null, 'Why'],
      ['Thing__c', 'Nested', 'Amount__c', null],
    ],
  )
  assert.partialDeepStrictEqual(project.validationRules[1], {
    active: true,
    errorConditionFormula: 'Amount__c < 0',
    errorMessage: 'Not below zero',
    place: { file: 'objects/Thing__c.object', line: 4 },
  })
  assert.deepEqual(
    project.problems.map(({ code, line }) => [code, line]),
    [['RULE_INVALID', 5]],
  )
})

const summary = (name: string, operation: string, summarized: string, more = '') =>
  `<fields><fullName>${name}</fullName><type>Summary</type><summaryOperation>${operation}</summaryOperation><summaryForeignKey>Part__c.Whole__c</summaryForeignKey>${summarized && `<summarizedField>Part__c.${summarized}</summarizedField>`}${more}</fields>\n`

const PART = metadataXml(
  'CustomObject',
  `<fields><fullName>Whole__c</fullName><type>MasterDetail</type><referenceTo>Whole__c</referenceTo></fields>
   <fields><fullName>Price__c</fullName><type>Currency</type><precision>10</precision><scale>3</scale></fields>
   <fields><fullName>Share__c</fullName><type>Percent</type><scale>1</scale></fields>
   <fields><fullName>Day__c</fullName><type>Date</type></fields>
   <fields><fullName>Word__c</fullName><type>Text</type><length>9</length></fields>`,
)

test('a roll-up summary has the type and the digits of what it rolls up', async (t) => {
  const filter =
    '<summaryFilterItems><field>Part__c.Word__c</field><operation>equals</operation><value>x</value></summaryFilterItems>'
  const project = await readFiles(t, {
    'objects/Part__c.object': PART,
    'objects/Whole__c.object': metadataXml(
      'CustomObject',
      summary('Count__c', 'count', '', filter) +
        summary('Total__c', 'sum', 'price__C') +
        summary('Best__c', 'max', 'Share__c') +
        summary('First__c', 'min', 'Day__c'),
    ),
  })

  const types = ['Count__c', 'Total__c', 'Best__c', 'First__c'].map((name) => {
    const { type, scale, updateable } = fieldNamed(project, 'Whole__c', name)
    return [type, scale, updateable]
  })
  assert.deepEqual(types, [
    ['double', 0, false],
    ['currency', 3, false],
    ['percent', 1, false],
    ['date', 0, false],
  ])
  assert.deepEqual(fieldNamed(project, 'Whole__c', 'Count__c').summary, {
    operation: 'count',
    childObject: 'Part__c',
    foreignKey: 'Whole__c',
    summarized: null,
    filters: [{ field: 'Part__c.Word__c', operation: 'equals', value: 'x' }],
  })
  assert.equal(fieldNamed(project, 'Whole__c', 'Total__c').summary?.summarized, 'Price__c')
  assert.deepEqual(project.problems, [])
})

test('a roll-up summary that cannot be made is told with its place, and stays blank', async (t) => {
  const project = await readFiles(t, {
    'objects/Part__c.object': PART,
    'objects/Whole__c.object': metadataXml(
      'CustomObject',
      summary('A__c', 'sum', 'Word__c') +
        summary('B__c', 'sum', 'Gone__c') +
        summary('C__c', 'average', 'Price__c') +
        summary('D__c', 'sum', 'Day__c') +
        summary('E__c', 'min', ''),
    ),
  })

  assert.deepEqual(
    project.problems.map(({ code, line }) => [code, line]),
    [3, 4, 5, 6, 7].map((line) => ['ROLLUP_NOT_COMPUTED', line]),
  )
  assert.equal(fieldNamed(project, 'Whole__c', 'A__c').summary, undefined)
})

test('a record type keeps its picklist values, decoded, with their defaults', async (t) => {
  const project = await readFiles(t, {
    'objects/Account/recordTypes/Partner.recordType-meta.xml': metadataXml(
      'RecordType',
      `<fullName>Partner</fullName><active>true</active><label>Partner</label>
       <businessProcess>Sales</businessProcess>
       <picklistValues><picklist>Type</picklist>
         <values><fullName>Research %26 Development</fullName><default>false</default></values>
         <values><fullName>Other</fullName><default>true</default></values>
       </picklistValues>`,
    ),
  })

  assert.deepEqual(objectOf(project, 'Account').recordTypes, [
    {
      developerName: 'Partner',
      label: 'Partner',
      active: true,
      picklists: [
        { field: 'Type', values: ['Research & Development', 'Other'], defaults: ['Other'] },
      ],
    },
  ])
  assert.deepEqual(
    project.problems.map(({ code }) => code),
    ['NOT_EXECUTED'],
  )
})

test('a profile says which record types its users get and which they may not give', async (t) => {
  const visibility = (recordType: string, isDefault: boolean, isVisible: boolean) =>
    `<recordTypeVisibilities><default>${isDefault}</default><recordType>${recordType}</recordType><visible>${isVisible}</visible></recordTypeVisibilities>`
  const project = await readFiles(t, {
    'profiles/Sales.profile': metadataXml(
      'Profile',
      visibility('Account.Partner', true, true) + visibility('Account.Customer', false, false),
    ),
  })

  assert.deepEqual(project.profiles[0]?.recordTypes, [
    { recordType: 'Account.Partner', isDefault: true, isVisible: true },
    { recordType: 'Account.Customer', isDefault: false, isVisible: false },
  ])
})

test('how a reference ends, whether a master may change, and what a picklist depends on are kept', async (t) => {
  const project = await readFiles(t, {
    'objects/Part__c.object': metadataXml(
      'CustomObject',
      `<fields><fullName>Whole__c</fullName><type>MasterDetail</type><referenceTo>Account</referenceTo></fields>
       <fields><fullName>Free__c</fullName><type>MasterDetail</type><referenceTo>Account</referenceTo><reparentableMasterDetail>true</reparentableMasterDetail></fields>
       <fields><fullName>Look__c</fullName><type>Lookup</type><referenceTo>Account</referenceTo><deleteConstraint>Restrict</deleteConstraint><lookupFilter><active>true</active></lookupFilter></fields>
       <fields><fullName>City__c</fullName><type>Picklist</type><valueSet><controllingField>Land__c</controllingField>
         <valueSetDefinition><value><fullName>Paris</fullName></value></valueSetDefinition>
         <valueSettings><controllingFieldValue>France</controllingFieldValue><valueName>Paris</valueName></valueSettings></valueSet></fields>`,
    ),
  })

  assert.equal(fieldNamed(project, 'Part__c', 'Whole__c').updateable, false)
  assert.equal(fieldNamed(project, 'Part__c', 'Free__c').updateable, undefined)
  assert.equal(fieldNamed(project, 'Part__c', 'Look__c').deleteConstraint, 'Restrict')
  assert.partialDeepStrictEqual(fieldNamed(project, 'Part__c', 'City__c'), {
    controllingField: 'Land__c',
    valueSettings: [{ value: 'Paris', controllingValues: ['France'] }],
  })
  assert.deepEqual(
    project.problems.map(({ code, line }) => [code, line]),
    [['NOT_EXECUTED', 5]],
  )
})
