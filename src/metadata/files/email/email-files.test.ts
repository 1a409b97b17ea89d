import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { metadataXml, temporaryProject } from '../../../../test/support/temporary-project.ts'
import { readProject } from '../../read-project.ts'

const META = metadataXml(
  'EmailTemplate',
  '<available>true</available><encodingKey>UTF-8</encodingKey><name>Hello there</name>' +
    '<style>none</style><subject>Hello {!Account.Name}</subject><type>text</type>',
)

async function read(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>) {
  const project = await readProject(await temporaryProject(t, files))
  return { ...project, codes: project.problems.map(({ file, code }) => `${file} ${code}`) }
}

test('a template is its two files, called by its folder and name, in either format', async (t) => {
  const { emailTemplates, codes } = await read(t, {
    'force-app/main/default/email/Sales/Hello.email': 'Dear\r\n{!Account.Name}',
    'force-app/main/default/email/Sales/Hello.email-meta.xml': `\uFEFF${META.replaceAll('\n', '\r\n')}`,
    'force-app/main/default/email/Sales.emailFolder-meta.xml': metadataXml('EmailFolder', ''),
    'src/email/unfiled$public/Other.email': 'Text',
    'src/email/unfiled$public/Other.email-meta.xml': META,
    'src/email/Sales-meta.xml': metadataXml('EmailFolder', ''),
    'src/email/Deep/Deeper/Third.email': 'Text',
    'src/email/Deep/Deeper/Third.email-meta.xml': META,
  })
  assert.deepEqual(
    emailTemplates.map(({ key, subject, body, templateType }) => [
      key,
      subject,
      body,
      templateType,
    ]),
    [
      ['Sales/Hello', 'Hello {!Account.Name}', 'Dear\n{!Account.Name}', 'text'],
      ['Deeper/Third', 'Hello {!Account.Name}', 'Text', 'text'],
      ['unfiled$public/Other', 'Hello {!Account.Name}', 'Text', 'text'],
    ],
  )
  assert.deepEqual(codes, [])
})

test('a template without its body, a body without its template, one of a type that nobody knows', async (t) => {
  const { emailTemplates, codes } = await read(t, {
    'email/A/One.email-meta.xml': META,
    'email/A/Two.email': 'Text',
    'email/A/Three.email': 'Text',
    'email/A/Three.email-meta.xml': META.replace('<type>text</type>', '<type>aura</type>'),
    'email/A/Four.email': Uint8Array.of(0x44, 0xff, 0xfe),
    'email/A/Four.email-meta.xml': META,
    'other/email/A/Five.email-meta.xml': META,
    'other/email/A/Five.email': 'first',
    'other2/email/A/Five.email-meta.xml': META,
  })
  assert.deepEqual(
    emailTemplates.map(({ key }) => key),
    ['A/Five'],
  )
  assert.deepEqual(codes, [
    'email/A/Four.email XML_ENCODING',
    'email/A/Four.email-meta.xml TEMPLATE_INVALID',
    'email/A/One.email-meta.xml TEMPLATE_INVALID',
    'email/A/Three.email TEMPLATE_INVALID',
    'email/A/Three.email-meta.xml TEMPLATE_INVALID',
    'email/A/Two.email TEMPLATE_INVALID',
    'other2/email/A/Five.email-meta.xml DUPLICATE_DEFINITION',
  ])
})

test('an alert with all it can say, and one that says little', async (t) => {
  const { alerts, codes } = await read(t, {
    'workflows/Account.workflow': metadataXml(
      'Workflow',
      `<alerts><fullName>Full</fullName><ccEmails>a@example.com</ccEmails><ccEmails> b@example.com </ccEmails>
<description>Tells</description><protected>true</protected>
<recipients><field>OwnerId</field><type>userLookup</type></recipients>
<recipients><recipient>Sales Rep</recipient><type>accountTeam</type></recipients>
<recipients><recipient>x</recipient><type>telepathy</type></recipients>
<recipients><field>Nothing__c</field><type>email</type></recipients>
<senderAddress>info@example.com</senderAddress><senderType>OrgWideEmailAddress</senderType>
<template>A/Gone</template></alerts>
<alerts><fullName>Little</fullName><protected>false</protected><senderType>Pigeon</senderType><template>A/Is</template></alerts>
<alerts><description>no name</description></alerts>
<alerts><fullName>Full</fullName><template>A/Is</template></alerts>`,
    ),
    'email/A/Is.email': 'Text',
    'email/A/Is.email-meta.xml': META,
  })
  const [full, little] = alerts
  assert.equal(alerts.length, 2)
  assert.deepEqual(full?.ccEmails, ['a@example.com', 'b@example.com'])
  assert.deepEqual(full?.recipients[1], {
    type: 'accountTeam',
    recipient: 'Sales Rep',
    field: null,
  })
  assert.deepEqual(
    [full?.senderType, full?.senderAddress, full?.isProtected, full?.template],
    ['OrgWideEmailAddress', 'info@example.com', true, 'A/Gone'],
  )
  assert.deepEqual([little?.senderType, little?.recipients], ['CurrentUser', []])
  assert.deepEqual(
    codes.map((each) => each.split(' ')[1]),
    [
      'TEMPLATE_MISSING',
      'RECIPIENT_UNSUPPORTED',
      'RECIPIENT_UNSUPPORTED',
      'ACTION_INVALID',
      'DUPLICATE_DEFINITION',
    ],
  )
})

test('a template that cannot be used here is told when it is read', async (t) => {
  const { problems } = await read(t, {
    'email/A/Is.email':
      '<messaging:emailTemplate subject="x"><messaging:plainTextEmailBody><c:Mine/></messaging:plainTextEmailBody></messaging:emailTemplate>',
    'email/A/Is.email-meta.xml': META.replace('>text<', '>visualforce<'),
  })
  assert.deepEqual(
    problems.map(({ code, severity, message }) => [code, severity, message]),
    [
      [
        'TEMPLATE_UNSUPPORTED',
        'warning',
        'A/Is: line 1: the Visualforce component <c:Mine> is not run here: its e-mails fail',
      ],
    ],
  )
})

test('queues with their address and members, and public groups', async (t) => {
  const { queues, groups } = await read(t, {
    'queues/Support.queue-meta.xml': metadataXml(
      'Queue',
      `<doesSendEmailToMembers>true</doesSendEmailToMembers><email>q@example.com</email><name>Support</name>
<queueMembers><publicGroups><publicGroup>All</publicGroup></publicGroups><roles><role>CEO</role></roles>
<roleAndSubordinates><roleAndSubordinate>Sales</roleAndSubordinate></roleAndSubordinates>
<users><user>a@example.com</user><user>b@example.com</user></users></queueMembers>`,
    ),
    'groups/All.group-meta.xml': metadataXml('Group', '<name>All of us</name>'),
  })
  assert.deepEqual(queues[0]?.members, [
    { kind: 'user', name: 'a@example.com' },
    { kind: 'user', name: 'b@example.com' },
    { kind: 'group', name: 'All' },
    { kind: 'role', name: 'CEO' },
    { kind: 'roleAndSubordinates', name: 'Sales' },
  ])
  assert.deepEqual([queues[0]?.email, queues[0]?.emailsMembers], ['q@example.com', true])
  assert.deepEqual(
    groups.map(({ developerName, name }) => [developerName, name]),
    [['All', 'All of us']],
  )
})
