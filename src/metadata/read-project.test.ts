import assert from 'node:assert/strict'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { metadataXml, projectJson, temporaryProject } from '../../test/support/temporary-project.ts'
import { fieldOf, type ObjectDefinition } from '../schema/object-definition.ts'
import { STANDARD_OBJECTS } from '../schema/standard-objects.ts'
import type { Project } from './project.ts'
import { readProject } from './read-project.ts'

const SOURCE = 'force-app/main/default'
const MESSAGE = `<outboundMessages>
  <fullName>Notify_ERP</fullName><apiVersion>60.0</apiVersion>
  <endpointUrl>https://erp.example.com/obm</endpointUrl><fields>Id</fields><fields>Name</fields>
  <includeSessionId>false</includeSessionId><integrationUser>admin@example.com</integrationUser>
  <name>Notify ERP</name><protected>false</protected><useDeadLetterQueue>false</useDeadLetterQueue>
</outboundMessages>`
const RULE = `<rules>
  <fullName>Close%3A 100%25 %E2%80%93 won</fullName>
  <actions><name>Notify_ERP</name><type>OutboundMessage</type></actions>
  <active>true</active>
  <criteriaItems><field>Account.Industry</field><operation>equals</operation><value>Banking, "A, B"</value></criteriaItems>
  <criteriaItems><field>User.Username</field><operation>notEqual</operation></criteriaItems>
  <booleanFilter>1 AND 2</booleanFilter>
  <triggerType>onCreateOrTriggeringUpdate</triggerType>
  <workflowTimeTriggers>
    <actions><name>Notify_ERP</name><type>OutboundMessage</type></actions>
    <offsetFromField>Account.CreatedDate</offsetFromField>
    <timeLength>-3</timeLength><workflowTimeTriggerUnit>Hours</workflowTimeTriggerUnit>
  </workflowTimeTriggers>
</rules>`

async function projectOf(
  t: TestContext,
  files: Record<string, string | Uint8Array>,
): Promise<Project> {
  return readProject(await temporaryProject(t, files))
}

function objectNamed(project: Project, name: string): ObjectDefinition {
  const found = project.objects.find((object) => object.name === name)
  assert.ok(found, name)
  return found
}

function codes(project: Project): string[] {
  return project.problems.map(({ code }) => code)
}

test('a project in source format gives rules, outbound messages, objects and fields', async (t) => {
  const project = await projectOf(t, {
    'sfdx-project.json': projectJson('force-app', 'more'),
    [`${SOURCE}/workflows/Account.workflow-meta.xml`]: metadataXml('Workflow', MESSAGE + RULE),
    [`${SOURCE}/objects/Account/fields/Region__c.field-meta.xml`]: metadataXml(
      'CustomField',
      '<fullName>Region__c</fullName><label>Region</label><type>Lookup</type><referenceTo>Region__c</referenceTo>',
    ),
    [`${SOURCE}/objects/Region__c/Region__c.object-meta.xml`]: metadataXml(
      'CustomObject',
      '<label>Region</label><pluralLabel>Regions</pluralLabel><nameField><label>No</label><type>AutoNumber</type><displayFormat>R-{000}</displayFormat></nameField>',
    ),
    'more/deep/er/objects/Region__c/fields/Code__c.field-meta.xml': metadataXml(
      'CustomField',
      '<fullName>Code__c</fullName><label>Code</label><type>Text</type><length>10</length><unique>true</unique>',
    ),
    'other/workflows/Lead.workflow-meta.xml': 'outside of every package directory',
  })
  assert.deepEqual(project.problems, [])
  assert.equal(project.fileCount, 4)
  const [rule] = project.rules
  assert.equal(rule?.fullName, 'Close%3A 100%25 %E2%80%93 won')
  assert.equal(rule?.criteriaItems[0]?.value, 'Banking, "A, B"')
  assert.equal(rule?.criteriaItems[1]?.value, '')
  assert.deepEqual(rule?.timeTriggers[0]?.timeLength, -3)
  assert.equal(rule?.place.file, `${SOURCE}/workflows/Account.workflow-meta.xml`)
  assert.equal(rule?.place.line, 8)
  assert.deepEqual(project.outboundMessages[0]?.fields, ['Id', 'Name'])
  const region = objectNamed(project, 'Region__c')
  assert.equal(fieldOf(region, 'Name')?.displayFormat, 'R-{000}')
  assert.equal(fieldOf(region, 'Code__c')?.unique, true)
  assert.equal(fieldOf(objectNamed(project, 'Account'), 'Region__c')?.relationshipName, 'Region__r')
})

test('a folder in Metadata API format gives the same, with nested fields', async (t) => {
  const project = await projectOf(t, {
    'package.xml': metadataXml('Package', '<version>60.0</version>'),
    'workflows/Account.workflow': metadataXml('Workflow', MESSAGE + RULE),
    'objects/Account.object': metadataXml(
      'CustomObject',
      `<fields><fullName>Phone</fullName><label>Telephone</label></fields>
       <fields><fullName>Score__c</fullName><label>Score</label><type>Number</type>
       <precision>5</precision><scale>1</scale></fields>
       <recordTypes><fullName>Partner</fullName><active>true</active><label>A Partner</label></recordTypes>`,
    ),
    'queues/Support.queue': metadataXml(
      'Queue',
      '<name>Support team</name><queueSobject><sobjectType>Case</sobjectType></queueSobject>',
    ),
    'flows/One.flow': metadataXml(
      'Flow',
      `<status>Active</status><start><object>Account</object>
       <recordTriggerType>Create</recordTriggerType><triggerType>RecordAfterSave</triggerType></start>`,
    ),
  })
  assert.deepEqual(project.problems, [])
  assert.equal(project.flowCount, 1)
  assert.deepEqual(
    project.flows.map(({ fullName, active, objectName }) => ({ fullName, active, objectName })),
    [{ fullName: 'One', active: true, objectName: 'Account' }],
  )
  assert.equal(project.rules.length, 1)
  const account = objectNamed(project, 'Account')
  assert.equal(fieldOf(account, 'Phone')?.label, 'Telephone')
  assert.equal(fieldOf(account, 'Phone')?.type, 'phone')
  assert.deepEqual(
    [fieldOf(account, 'Score__c')?.precision, fieldOf(account, 'Score__c')?.scale],
    [5, 1],
  )
  assert.deepEqual(account.recordTypes, [
    { developerName: 'Partner', label: 'A Partner', active: true },
  ])
  assert.equal(project.queues[0]?.developerName, 'Support')
})

test('byte order marks, carriage returns and UTF-16 make no difference', async (t) => {
  const plain = metadataXml('Workflow', MESSAGE + RULE)
  const crlf = plain.replaceAll('\n', '\r\n')
  const utf16 = Buffer.from(`\uFEFF${plain.replace('UTF-8', 'UTF-16')}`, 'utf16le')
  for (const content of [plain, crlf, `\uFEFF${crlf}`, utf16]) {
    const project = await projectOf(t, { 'workflows/Account.workflow': content })
    assert.deepEqual(project.problems, [])
    assert.equal(project.rules[0]?.place.line, 8)
  }
})

test('a malformed file is told with file and line, and the others are read', async (t) => {
  const project = await projectOf(t, {
    'workflows/Account.workflow': metadataXml('Workflow', MESSAGE),
    'workflows/Lead.workflow': '<Workflow>\n<rules>\n</Workflow>',
    'workflows/Case.workflow': Buffer.from('<Workflow>\xE4</Workflow>', 'latin1'),
    'workflows/Task.workflow': '<!DOCTYPE x [<!ENTITY y "z">]><Workflow/>',
    'workflows/User.workflow': '<html/>',
  })
  const told = project.problems.map(({ file, line, code }) => `${file}:${line} ${code}`)
  assert.deepEqual(told, [
    'workflows/Case.workflow:1 XML_ENCODING',
    'workflows/Lead.workflow:3 XML_MALFORMED',
    'workflows/Task.workflow:1 XML_DOCTYPE',
    'workflows/User.workflow:1 ROOT_UNEXPECTED',
  ])
  assert.equal(project.outboundMessages.length, 1)
})

test('sfdx-project.json that is broken, or names folders that are not there, is told', async (t) => {
  const broken = await projectOf(t, {
    'sfdx-project.json': '{',
    'x/workflows/Account.workflow': metadataXml('Workflow', MESSAGE),
  })
  assert.deepEqual(codes(broken), ['PROJECT_FILE_INVALID'])
  assert.equal(broken.outboundMessages.length, 1)
  const lost = await projectOf(t, { 'sfdx-project.json': projectJson('gone', '../outside') })
  assert.deepEqual(codes(lost).sort(), [
    'PACKAGE_DIRECTORY_MISSING',
    'PACKAGE_DIRECTORY_MISSING',
    'PROJECT_EMPTY',
  ])
  await assert.rejects(readProject('/nowhere/at/all'), { errorCode: 'PROJECT_FOLDER_MISSING' })
})

test('package directories inside each other are read once, links and hidden folders never', async (t) => {
  const folder = await temporaryProject(t, {
    'sfdx-project.json': projectJson('.', 'app'),
    'app/workflows/Account.workflow-meta.xml': metadataXml('Workflow', MESSAGE),
    '.sfdx/workflows/Account.workflow-meta.xml': metadataXml('Workflow', MESSAGE),
    'node_modules/x/workflows/Account.workflow-meta.xml': metadataXml('Workflow', MESSAGE),
  })
  await symlink(folder, join(folder, 'loop'))
  const project = await readProject(folder)
  assert.equal(project.fileCount, 1)
  assert.deepEqual(project.problems, [])
})

test('a second definition of the same name is left out and told', async (t) => {
  const field = metadataXml(
    'CustomField',
    '<fullName>A__c</fullName><type>Text</type><length>5</length>',
  )
  const project = await projectOf(t, {
    'a/workflows/Account.workflow': metadataXml('Workflow', MESSAGE + MESSAGE),
    'a/objects/Account/fields/A__c.field-meta.xml': field,
    'b/objects/Account/fields/A__c.field-meta.xml': field,
  })
  assert.deepEqual(codes(project), ['DUPLICATE_DEFINITION', 'DUPLICATE_DEFINITION'])
  assert.equal(project.outboundMessages.length, 1)
})

test('a standard object that is not built in is made of what the files say', async (t) => {
  const message = MESSAGE.replaceAll('Notify_ERP', 'Send_Comment').replace(
    '<fields>Name</fields>',
    '<fields>CommentBody</fields><fields>IsPublished</fields>',
  )
  const project = await projectOf(t, {
    'workflows/LiveChatTranscript.workflow': metadataXml('Workflow', message),
    'objects/Idea.object': metadataXml(
      'CustomObject',
      '<fields><fullName>Total__c</fullName><type>Currency</type><precision>18</precision><scale>2</scale></fields><fields><fullName>ExpirationDate</fullName></fields>',
    ),
  })
  assert.deepEqual(codes(project).sort(), [
    'FIELD_TYPE_GUESSED',
    'OBJECT_NOT_BUILT_IN',
    'OBJECT_NOT_BUILT_IN',
  ])
  const chat = objectNamed(project, 'LiveChatTranscript')
  assert.equal(chat.label, 'Live Chat Transcript')
  assert.equal(chat.custom, false)
  assert.equal(fieldOf(chat, 'IsPublished')?.type, 'boolean')
  assert.equal(fieldOf(chat, 'CommentBody')?.type, 'string')
  assert.equal(fieldOf(objectNamed(project, 'Idea'), 'ExpirationDate')?.type, 'date')
})

test('fields of Activity belong to tasks and events, which may be about objects with activities', async (t) => {
  const project = await projectOf(t, {
    'objects/Activity/fields/Mood__c.field-meta.xml': metadataXml(
      'CustomField',
      '<fullName>Mood__c</fullName><type>Text</type><length>9</length>',
    ),
    'objects/Visit__c/Visit__c.object-meta.xml': metadataXml(
      'CustomObject',
      '<label>Visit</label><enableActivities>true</enableActivities>',
    ),
    'objects/Quiet__c/Quiet__c.object-meta.xml': metadataXml(
      'CustomObject',
      '<label>Quiet</label>',
    ),
  })
  assert.deepEqual(project.problems, [])
  for (const name of ['Task', 'Event']) {
    const object = objectNamed(project, name)
    assert.equal(fieldOf(object, 'Mood__c')?.length, 9)
    assert.equal(fieldOf(object, 'WhatId')?.referenceTo?.at(-1), 'Visit__c')
  }
})

test('an object that tasks are written for may have tasks, whatever its own file says', async (t) => {
  const tasks = `<tasks><fullName>Call</fullName><assignedToType>owner</assignedToType>
    <dueDateOffset>1</dueDateOffset><priority>Normal</priority><status>Not Started</status>
    <subject>Call</subject></tasks>`
  const project = await projectOf(t, {
    'objects/Visit__c/Visit__c.object-meta.xml': metadataXml('CustomObject', '<label>V</label>'),
    'workflows/Visit__c.workflow-meta.xml': metadataXml('Workflow', tasks),
  })
  assert.equal(fieldOf(objectNamed(project, 'Task'), 'WhatId')?.referenceTo?.at(-1), 'Visit__c')
})

test('a decomposed workflow is put together from its parts', async (t) => {
  const folder = 'workflows/Account'
  const project = await projectOf(t, {
    [`${folder}/Account.workflow-meta.xml`]: metadataXml('Workflow', ''),
    [`${folder}/workflowRules/Close%253A 100%2525.workflowRule-meta.xml`]: metadataXml(
      'WorkflowRule',
      RULE.replace(/<\/?rules>|<fullName>.*<\/fullName>/g, ''),
    ),
    [`${folder}/workflowOutboundMessages/Notify_ERP.workflowOutboundMessage-meta.xml`]: metadataXml(
      'WorkflowOutboundMessage',
      MESSAGE.replace(/<\/?outboundMessages>/g, ''),
    ),
  })
  assert.deepEqual(project.problems, [])
  assert.equal(project.rules[0]?.fullName, 'Close%3A 100%25')
  assert.equal(project.outboundMessages[0]?.objectName, 'Account')
})

test('a project with no files has the standard objects all the same', async (t) => {
  const project = await projectOf(t, {})
  assert.equal(project.objects.length, STANDARD_OBJECTS.length)
  assert.deepEqual(codes(project), ['PROJECT_EMPTY'])
})

test('whatever the files hold, reading ends with a project', async (t) => {
  const folder = await temporaryProject(t, {})
  const tags = [
    'Workflow',
    'rules',
    'fullName',
    'fields',
    'type',
    'criteriaItems',
    'valueSet',
    'formula',
    'x',
  ]
  const leaf = fc.oneof(
    fc.string(),
    fc.constantFrom('Text', 'Account.Name', '1', 'Lookup', '__proto__', 'constructor'),
  )
  const { xml } = fc.letrec<{ xml: string }>((tie) => ({
    xml: fc
      .tuple(
        fc.constantFrom(...tags),
        fc.array(fc.oneof({ maxDepth: 5 }, leaf, tie('xml')), { maxLength: 5 }),
      )
      .map(([tag, content]) => `<${tag}>${content.join('')}</${tag}>`),
  }))
  const names = [
    'Account.workflow',
    'Odd name.object',
    'X__c.object',
    'constructor.object',
    'a.field',
    'b.profile',
    'c.globalValueSet',
    '%E4%.queue',
    'sfdx-project.json',
  ]
  const files = fc.dictionary(fc.constantFrom(...names), fc.oneof(xml, fc.string()), { maxKeys: 4 })
  await fc.assert(
    fc.asyncProperty(files, async (contents) => {
      await rm(folder, { recursive: true })
      await mkdir(folder)
      for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text)
      const project = await readProject(folder)
      assert.ok(project.problems.every(({ file, line }) => !file.includes('\\') && line > 0))
    }),
    { numRuns: 150 },
  )
})

test('labels, permission sets and roles are read, and custom permissions of profiles', async (t) => {
  const permission = (name: string, enabled: boolean) =>
    `<customPermissions><enabled>${enabled}</enabled><name>${name}</name></customPermissions>`
  const project = await projectOf(t, {
    'labels/CustomLabels.labels-meta.xml': metadataXml(
      'CustomLabels',
      '<labels><fullName>Hello</fullName><language>en_US</language><value> Hi &amp; bye </value></labels><labels><value>x</value></labels>',
    ),
    'permissionsets/Bypass.permissionset': metadataXml(
      'PermissionSet',
      `${permission('Skip', true)}${permission('Other', false)}<label>By pass</label>`,
    ),
    'profiles/Admin.profile-meta.xml': metadataXml('Profile', permission('Skip', true)),
    'roles/West.role-meta.xml': metadataXml(
      'Role',
      '<name>West Coast</name><parentRole>CEO</parentRole>',
    ),
  })
  assert.partialDeepStrictEqual(project.labels, [{ name: 'Hello', text: ' Hi & bye ' }])
  assert.partialDeepStrictEqual(project.permissionSets, [
    { name: 'Bypass', label: 'By pass', customPermissions: ['Skip'] },
  ])
  assert.deepEqual(project.profiles[0]?.customPermissions, ['Skip'])
  assert.partialDeepStrictEqual(project.roles, [
    { developerName: 'West', name: 'West Coast', parentRole: 'CEO' },
  ])
  assert.deepEqual(codes(project), ['LABEL_INVALID'])
})
