import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { metadataXml, temporaryProject } from '../../../test/support/temporary-project.ts'
import {
  type FieldDefinition,
  fieldOf,
  type ObjectDefinition,
} from '../../schema/object-definition.ts'
import type { Project } from '../project.ts'
import { readProject } from '../read-project.ts'

async function readFiles(t: TestContext, files: Record<string, string>): Promise<Project> {
  return readProject(await temporaryProject(t, files))
}

function objectNamed(project: Project, name: string): ObjectDefinition {
  const found = project.objects.find((object) => object.name === name)
  assert.ok(found, name)
  return found
}

function fieldNamed(project: Project, path: string): FieldDefinition {
  const [objectName = '', name = ''] = path.split('.')
  const found = fieldOf(objectNamed(project, objectName), name)
  assert.ok(found, path)
  return found
}

function objectFile(...fields: readonly string[]): string {
  const content = fields.map((field) => `<fields>${field}</fields>`).join('\n')
  return metadataXml('CustomObject', `<label>Thing</label>${content}`)
}

test('each type of field becomes what describe calls it', async (t) => {
  const types = [
    ['Text', 'string'],
    ['TextArea', 'textarea'],
    ['LongTextArea', 'textarea'],
    ['Html', 'textarea'],
    ['Number', 'double'],
    ['Currency', 'currency'],
    ['Percent', 'percent'],
    ['Checkbox', 'boolean'],
    ['Date', 'date'],
    ['DateTime', 'datetime'],
    ['Time', 'time'],
    ['Email', 'email'],
    ['Phone', 'phone'],
    ['Url', 'url'],
    ['Picklist', 'picklist'],
    ['MultiselectPicklist', 'multipicklist'],
    ['Hierarchy', 'reference'],
    ['AutoNumber', 'autonumber'],
    ['EncryptedText', 'encryptedstring'],
    ['Odd', 'unsupported'],
  ]
  const project = await readFiles(t, {
    'objects/Thing__c.object': objectFile(
      ...types.map(
        ([type]) => `<fullName>F${type}__c</fullName><label>F</label><type>${type}</type>`,
      ),
    ),
  })
  for (const [type, expected] of types) {
    assert.equal(fieldNamed(project, `Thing__c.F${type}__c`).type, expected, type)
  }
  assert.deepEqual(
    project.problems.map(({ code }) => code),
    ['FIELD_TYPE_UNKNOWN'],
  )
  assert.equal(fieldNamed(project, 'Thing__c.FEncryptedText__c').secret, true)
  assert.equal(fieldNamed(project, 'Thing__c.FCheckbox__c').defaultValue, 'false')
  assert.deepEqual(fieldNamed(project, 'Thing__c.FHierarchy__c').referenceTo, ['User'])
})

test('a formula field is read-only and says how it takes blanks', async (t) => {
  const project = await readFiles(t, {
    'objects/Thing__c.object': objectFile(
      '<fullName>A__c</fullName><type>Number</type><formula>1 &lt; 2</formula><formulaTreatBlanksAs>BlankAsBlank</formulaTreatBlanksAs><precision>18</precision><scale>2</scale>',
      '<fullName>S__c</fullName><type>Summary</type><summaryOperation>count</summaryOperation>',
    ),
  })
  const formula = fieldNamed(project, 'Thing__c.A__c')
  assert.equal(formula.formula, '1 < 2')
  assert.equal(formula.blanksAs, 'blank')
  assert.equal(formula.createable, false)
  assert.equal(fieldNamed(project, 'Thing__c.S__c').updateable, false)
  assert.equal(project.problems[0]?.code, 'ROLLUP_NOT_COMPUTED')
})

test('a master takes the place of the owner, and a lost parent is told', async (t) => {
  const project = await readFiles(t, {
    'objects/Part__c.object': objectFile(
      '<fullName>Thing__c</fullName><type>MasterDetail</type><referenceTo>Account</referenceTo><relationshipName>Parts</relationshipName>',
      '<fullName>Lost__c</fullName><type>Lookup</type><referenceTo>Gone__c</referenceTo>',
    ),
  })
  const master = fieldNamed(project, 'Part__c.Thing__c')
  assert.equal(master.masterDetail, true)
  assert.equal(master.required, true)
  assert.equal(master.relationshipName, 'Thing__r')
  assert.equal(fieldOf(objectNamed(project, 'Part__c'), 'OwnerId'), undefined)
  assert.deepEqual(
    project.problems.map(({ code, line }) => [code, line]),
    [['REFERENCE_UNKNOWN', 4]],
  )
})

test('picklists come from the field, a global set, a standard set or the old form', async (t) => {
  const value = (name: string, more = '') =>
    `<fullName>${name}</fullName><default>false</default><label>${name}!</label>${more}`
  const project = await readFiles(t, {
    'objects/Thing__c.object': objectFile(
      `<fullName>Own__c</fullName><type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition><sorted>false</sorted><value>${value('A')}</value><value>${value('B', '<isActive>false</isActive>')}</value></valueSetDefinition></valueSet>`,
      '<fullName>Shared__c</fullName><type>Picklist</type><valueSet><valueSetName>Colours</valueSetName></valueSet>',
      '<fullName>Lost__c</fullName><type>Picklist</type><valueSet><valueSetName>Gone</valueSetName></valueSet>',
      '<fullName>Old__c</fullName><type>Picklist</type><picklist><picklistValues><fullName>X</fullName><default>true</default></picklistValues></picklist>',
    ),
    'globalValueSets/Colours.globalValueSet-meta.xml': metadataXml(
      'GlobalValueSet',
      `<customValue>${value('Red')}</customValue>`,
    ),
    'standardValueSets/LeadStatus.standardValueSet-meta.xml': metadataXml(
      'StandardValueSet',
      `<standardValue>${value('Fresh')}</standardValue>`,
    ),
  })
  const own = fieldNamed(project, 'Thing__c.Own__c')
  assert.equal(own.restricted, true)
  assert.deepEqual(
    own.picklist?.map(({ label, active }) => [label, active]),
    [
      ['A!', true],
      ['B!', false],
    ],
  )
  assert.equal(fieldNamed(project, 'Thing__c.Shared__c').picklist?.[0]?.value, 'Red')
  assert.equal(fieldNamed(project, 'Thing__c.Old__c').picklist?.[0]?.isDefault, true)
  assert.equal(fieldNamed(project, 'Lead.Status').picklist?.[0]?.value, 'Fresh')
  assert.deepEqual(
    project.problems.map(({ code }) => code),
    ['VALUE_SET_MISSING'],
  )
})

test('a custom setting hides what its field names call secret', async (t) => {
  const text = (name: string) => `<fullName>${name}</fullName><type>Text</type><length>120</length>`
  const project = await readFiles(t, {
    'objects/DataCloud_User_Credential__c/DataCloud_User_Credential__c.object-meta.xml':
      metadataXml(
        'CustomObject',
        '<customSettingsType>Hierarchy</customSettingsType><enableFeeds>false</enableFeeds><label>DataCloud User Credential</label><visibility>Public</visibility>',
      ),
    'objects/DataCloud_User_Credential__c/fields/Username__c.field-meta.xml': metadataXml(
      'CustomField',
      text('Username__c'),
    ),
    'objects/DataCloud_User_Credential__c/fields/Password__c.field-meta.xml': metadataXml(
      'CustomField',
      text('Password__c'),
    ),
    'objects/Thing__c.object': objectFile(text('Password__c')),
  })
  const setting = objectNamed(project, 'DataCloud_User_Credential__c')
  assert.equal(setting.customSetting, 'hierarchy')
  assert.equal(fieldOf(setting, 'Password__c')?.secret, true)
  assert.equal(fieldOf(setting, 'Username__c')?.secret, undefined)
  assert.equal(fieldNamed(project, 'Thing__c.Password__c').secret, undefined)
  assert.deepEqual(project.problems, [])
})

test('a geolocation has a latitude and a longitude', async (t) => {
  const project = await readFiles(t, {
    'objects/Thing__c.object': objectFile(
      '<fullName>Place__c</fullName><type>Location</type><scale>5</scale>',
    ),
  })
  assert.equal(fieldNamed(project, 'Thing__c.Place__Latitude__s').scale, 5)
  assert.equal(fieldNamed(project, 'Thing__c.Place__Longitude__s').type, 'double')
})

test('names that no field or object can have are left out and told', async (t) => {
  const project = await readFiles(t, {
    'objects/Thing__c.object': objectFile(
      '<fullName>constructor</fullName><type>Text</type>',
      '<fullName>a"; drop table x__c</fullName><type>Text</type>',
      '<type>Text</type>',
    ),
    'objects/no such.object': objectFile(),
    'objects/Kind__mdt.object': objectFile(),
  })
  assert.deepEqual(
    project.problems.map(({ code }) => code),
    [
      'OBJECT_KIND_UNSUPPORTED',
      'FIELD_INVALID',
      'FIELD_INVALID',
      'FIELD_INVALID',
      'OBJECT_INVALID',
    ],
  )
})

test('a profile says what its users see, under the name that people see', async (t) => {
  const permission =
    '<fieldPermissions><editable>false</editable><field>Account.Rating</field><readable>true</readable></fieldPermissions>'
  const project = await readFiles(t, {
    'a/profiles/Admin.profile-meta.xml': metadataXml(
      'Profile',
      `${permission}<objectPermissions><allowRead>false</allowRead><object>Case</object></objectPermissions><objectPermissions><allowRead>true</allowRead><object>Lead</object></objectPermissions><userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions><userPermissions><enabled>false</enabled><name>Other</name></userPermissions>`,
    ),
    'b/profiles/Admin.profile-meta.xml': metadataXml(
      'Profile',
      permission.replace('Rating', 'Fax'),
    ),
    'b/profiles/Sales %26 More.profile-meta.xml': metadataXml('Profile', ''),
  })
  const [admin, sales] = project.profiles
  assert.equal(admin?.name, 'System Administrator')
  assert.deepEqual(admin?.userPermissions, ['ApiEnabled'])
  assert.deepEqual(
    admin?.fieldPermissions.map(({ field }) => field),
    ['Account.Rating', 'Account.Fax'],
  )
  assert.equal(admin?.fieldPermissions[0]?.editable, false)
  assert.deepEqual(admin?.unreadableObjects, ['Case'])
  assert.equal(sales?.name, 'Sales & More')
})
