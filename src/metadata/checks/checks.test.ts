import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { metadataXml, temporaryProject } from '../../../test/support/temporary-project.ts'
import type { Project } from '../project.ts'
import { readProject } from '../read-project.ts'

async function readWorkflow(t: TestContext, objectName: string, content: string): Promise<Project> {
  const files = { [`workflows/${objectName}.workflow`]: metadataXml('Workflow', content) }
  return readProject(await temporaryProject(t, files))
}

function codes(project: Project): string[] {
  return project.problems.map(({ code }) => code)
}

type MessageParts = {
  fields?: readonly string[]
  url?: string
  version?: string
  session?: boolean
}

function message({
  fields = ['Id'],
  url = 'https://a.example',
  version = '60.0',
  session,
}: MessageParts) {
  return `<outboundMessages><fullName>M</fullName><apiVersion>${version}</apiVersion><endpointUrl>${url}</endpointUrl>
${fields.map((field) => `<fields>${field}</fields>`).join('')}
<includeSessionId>${session ?? false}</includeSessionId><integrationUser>a@b.c</integrationUser><name>M</name><protected>false</protected></outboundMessages>`
}

function rule(content: string, triggerType = 'onAllChanges'): string {
  const criteria = /<formula>|<criteriaItems>/.test(content) ? '' : '<formula>true</formula>'
  return `<rules><fullName>R</fullName>${content}${criteria}<active>true</active><triggerType>${triggerType}</triggerType></rules>`
}

test('an outbound message that names fields it cannot send is told', async (t) => {
  const fields = ['Id', 'Nope', 'MailingAddress', 'Name', 'MailingCity']
  const project = await readWorkflow(t, 'Contact', message({ fields }))
  assert.deepEqual(codes(project), ['FIELD_UNKNOWN', 'FIELD_NOT_SENDABLE', 'FIELD_NOT_SENDABLE'])
  assert.match(project.problems[0]?.message ?? '', /M: Contact has no field Nope/)
})

test('an endpoint is http or https, on a port that Salesforce sends to', async (t) => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['https://a.example/x', []],
    ['http://a.example', []],
    ['https://a.example:8443/', []],
    ['https://a.example:1024/', []],
    ['https://a.example:1023/', ['ENDPOINT_PORT']],
    ['https://a.example:80/', ['ENDPOINT_PORT']],
    ['ftp://a.example/', ['ENDPOINT_INVALID']],
    ['a.example/x', ['ENDPOINT_INVALID']],
    ['', ['ENDPOINT_INVALID']],
  ]
  for (const [url, expected] of cases) {
    assert.deepEqual(codes(await readWorkflow(t, 'Account', message({ url }))), expected, url)
  }
})

test('a session id needs https, but not on this machine', async (t) => {
  const told = async (url: string) =>
    codes(await readWorkflow(t, 'Account', message({ url, session: true })))
  assert.deepEqual(await told('http://a.example'), ['SESSION_NEEDS_HTTPS'])
  assert.deepEqual(await told('https://a.example'), [])
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    assert.deepEqual(await told(`http://${host}:8080`), [])
  }
})

test('an API version is 8.0, or 18.0 and later', async (t) => {
  for (const version of ['8.0', '18.0', '66.0']) {
    assert.deepEqual(codes(await readWorkflow(t, 'Account', message({ version }))), [])
  }
  for (const version of ['9.0', '17.0', '', 'x', '60']) {
    const project = await readWorkflow(t, 'Account', message({ version }))
    assert.deepEqual(codes(project), ['API_VERSION_INVALID'], version)
  }
})

test('actions that are not there are passed over, those that are kept and used are told', async (t) => {
  const project = await readWorkflow(
    t,
    'Account',
    `${rule('<actions><name>Mail</name><type>Alert</type></actions><actions><name>ns__Gone</name><type>FieldUpdate</type></actions>')}
<alerts><fullName>Mail</fullName><recipients><type>owner</type></recipients><senderType>CurrentUser</senderType></alerts>
<send><fullName>Unused</fullName></send>
<novelties><fullName>New</fullName></novelties>`,
  )
  assert.deepEqual(codes(project), ['ACTION_MISSING', 'TEMPLATE_MISSING', 'ELEMENT_UNKNOWN'])
  assert.deepEqual(
    project.keptActions.map(({ kind, fullName }) => [kind, fullName]),
    [
      ['send', 'Unused'],
      ['other', 'New'],
    ],
  )
  assert.deepEqual(project.alerts[0]?.recipients, [{ type: 'owner', recipient: null, field: null }])
})

test('criteria, time triggers and field updates that name unknown fields are told', async (t) => {
  const item = (field: string) =>
    `<criteriaItems><field>${field}</field><operation>equals</operation></criteriaItems>`
  const project = await readWorkflow(
    t,
    'Case',
    `${rule(['Case.Nope', 'User.Nope', 'Gone.Name', 'Case.Owner.Name', 'Account.Name'].map(item).join(''))}
<fieldUpdates><fullName>U</fullName><field>Nope</field><operation>Null</operation></fieldUpdates>
<fieldUpdates><fullName>V</fullName><field>Industry</field><targetObject>AccountId</targetObject><operation>Null</operation></fieldUpdates>
<fieldUpdates><fullName>W</fullName><field>Nope</field><targetObject>AccountId</targetObject><operation>Null</operation></fieldUpdates>`,
  )
  assert.deepEqual(
    project.problems.map(({ code, message }) => `${code} ${message}`),
    [
      'FIELD_UNKNOWN R: Case has no field Nope',
      'FIELD_UNKNOWN R: User has no field Nope',
      'FIELD_UNKNOWN R: there is no object Gone for "Gone.Name"',
      'FIELD_UNKNOWN R: expected Object.Field, found "Case.Owner.Name"',
      'FIELD_UNKNOWN U: Case has no field Nope',
      'FIELD_UNKNOWN W: Account has no field Nope',
    ],
  )
})

test("rules beyond Salesforce's limits are told and kept", async (t) => {
  const item =
    '<criteriaItems><field>Account.Name</field><operation>equals</operation><value>x</value></criteriaItems>'
  const timeTrigger =
    '<workflowTimeTriggers><timeLength>1000</timeLength><workflowTimeTriggerUnit>Days</workflowTimeTriggerUnit></workflowTimeTriggers>'
  const project = await readWorkflow(t, 'Account', rule(item.repeat(26) + timeTrigger))
  assert.deepEqual(codes(project), [
    'TIME_TRIGGER_WITH_ALL_CHANGES',
    'TOO_MANY_CRITERIA',
    'LIMIT_EXCEEDED',
  ])
  assert.equal(project.rules[0]?.criteriaItems.length, 26)
})

test('what cannot be made out is left out, element by element', async (t) => {
  const project = await readWorkflow(
    t,
    'Account',
    `<rules><fullName>No trigger type</fullName><formula>true</formula></rules>
<rules><active>true</active></rules>
${rule('<workflowTimeTriggers><timeLength>1.5</timeLength></workflowTimeTriggers><surprise/>', 'onCreateOnly')}
<fieldUpdates><fullName>U</fullName><field>Name</field><operation>Guess</operation></fieldUpdates>
<outboundMessages><name>No full name</name></outboundMessages>`,
  )
  assert.deepEqual(codes(project), [
    'RULE_INVALID',
    'RULE_INVALID',
    'ELEMENT_UNKNOWN',
    'RULE_INVALID',
    'ACTION_INVALID',
    'ACTION_INVALID',
  ])
  assert.equal(project.rules.length, 1)
})

test('a non-breaking space in a value is kept, for real rules depend on it', async (t) => {
  const item =
    '<criteriaItems><field>Account.Name</field><operation>equals</operation><value>\u00A0x \u00A0</value></criteriaItems>'
  const project = await readWorkflow(t, 'Account', rule(item))
  assert.equal(project.rules[0]?.criteriaItems[0]?.value, '\u00A0x \u00A0')
})
