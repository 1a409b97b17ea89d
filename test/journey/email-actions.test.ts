import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Email } from '../../src/mail/email.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { storesUnderTest } from '../support/stores.ts'
import { metadataXml, temporaryProject } from '../support/temporary-project.ts'

const REST = '/services/data/v60.0/sobjects'
const TEMPLATE = `<available>true</available><name>News</name><subject>{!Case.Subject}</subject><type>text</type>`

function alert(name: string, recipients: string): string {
  return `<alerts><fullName>${name}</fullName><description>${name}</description><protected>false</protected>
${recipients}<senderType>CurrentUser</senderType><template>unfiled$public/News</template></alerts>`
}

function rule(subject: string, rest: string): string {
  return `<rules><fullName>${subject}</fullName>${rest}<active>true</active>
<criteriaItems><field>Case.Subject</field><operation>equals</operation><value>${subject}</value></criteriaItems>
<triggerType>onCreateOnly</triggerType></rules>`
}

const action = (name: string, type: string) =>
  `<actions><name>${name}</name><type>${type}</type></actions>`

const TO_QUEUE = `<fieldUpdates><fullName>To_Queue</fullName><field>OwnerId</field><lookupValue>Support</lookupValue>
<lookupValueType>Queue</lookupValueType><name>To Queue</name><notifyAssignee>false</notifyAssignee><operation>LookupValue</operation></fieldUpdates>`

const TO_PIA = `<fieldUpdates><fullName>To_Pia</fullName><field>OwnerId</field><lookupValue>pia@example.com</lookupValue>
<lookupValueType>User</lookupValueType><name>To Pia</name><notifyAssignee>true</notifyAssignee><operation>LookupValue</operation></fieldUpdates>`

const CALL = `<tasks><fullName>Call</fullName><assignedTo>pia@example.com</assignedTo><assignedToType>user</assignedToType>
<dueDateOffset>1</dueDateOffset><notifyAssignee>true</notifyAssignee><priority>High</priority><status>Not Started</status><subject>Call them</subject></tasks>`

const LATER = `<workflowTimeTriggers>${action('Tell_Owner', 'Alert')}<timeLength>3</timeLength>
<workflowTimeTriggerUnit>Days</workflowTimeTriggerUnit></workflowTimeTriggers>`

const QUEUE = `<doesSendEmailToMembers>true</doesSendEmailToMembers><email>support@example.com</email><name>Support</name>
<queueMembers><users><user>pia@example.com</user></users></queueMembers><queueSobject><sobjectType>Case</sobjectType></queueSobject>`

const FLOW = `<actionCalls><name>Mail</name><label>Mail</label><locationX>0</locationX><locationY>0</locationY>
<actionName>Case.Tell_Owner</actionName><actionType>emailAlert</actionType>
<inputParameters><name>SObjectRowId</name><value><elementReference>$Record.Id</elementReference></value></inputParameters></actionCalls>
<apiVersion>60.0</apiVersion><label>By flow</label><processType>AutoLaunchedFlow</processType>
<start><locationX>0</locationX><locationY>0</locationY><connector><targetReference>Mail</targetReference></connector>
<filterLogic>and</filterLogic><filters><field>Subject</field><operator>EqualTo</operator><value><stringValue>By flow</stringValue></value></filters>
<object>Case</object><recordTriggerType>Create</recordTriggerType><triggerType>RecordAfterSave</triggerType></start><status>Active</status>`

async function open(t: TestContext) {
  const [sqlite] = storesUnderTest()
  const owner = '<recipients><type>owner</type></recipients>'
  const workflow = [
    rule('To the queue', action('To_Queue', 'FieldUpdate') + action('Tell_Owner', 'Alert')),
    rule('To Pia', action('To_Pia', 'FieldUpdate')),
    rule('Call', action('Call', 'Task')),
    rule('Later', LATER),
    alert('Tell_Owner', owner),
    TO_QUEUE,
    TO_PIA,
    CALL,
  ]
  const folder = await temporaryProject(t, {
    'workflows/Case.workflow': metadataXml('Workflow', workflow.join('\n')),
    'email/unfiled$public/News.email': 'Dear {!Case.OwnerFullName}',
    'email/unfiled$public/News.email-meta.xml': metadataXml('EmailTemplate', TEMPLATE),
    'queues/Support.queue': metadataXml('Queue', QUEUE),
    'flows/By_Flow.flow': metadataXml('Flow', FLOW),
  })
  const house = await openTestHouse(t, { store: sqlite ?? assert.fail(), folder })
  const { client, stores, logged } = house
  const save = async (subject: string) => {
    const { status, json } = await client.call('POST', `${REST}/Case`, { Subject: subject })
    assert.equal(status, 201, JSON.stringify(json))
    return (json as { id: string }).id
  }
  const trapped = async (count: number): Promise<readonly Email[]> => {
    await eventually('e-mails are trapped', () => logged('email.trapped').length === count)
    const listed = await stores.mail.listEmails({ limit: 10, offset: 0 })
    const emails = await Promise.all(listed.map(({ emailId }) => stores.mail.readEmail(emailId)))
    return emails.flatMap((each) => each ?? [])
  }
  return { ...house, save, trapped }
}

const to = ({ composed }: Email) => composed?.letters.map((letter) => letter.to.address)

test('a case for a queue tells the queue and who is in it, as the files say', async (t) => {
  const { save, trapped } = await open(t)
  await save('To the queue')
  const [email] = await trapped(1)
  assert.ok(email)
  assert.deepEqual(to(email), ['support@example.com', 'pia@example.com'])
  assert.equal(email.composed?.texts[0]?.text, 'Dear Support')
})

test('a new owner is told by the field update, and by the task, that say so', async (t) => {
  const { save, trapped } = await open(t)
  const caseId = await save('To Pia')
  const [assigned] = await trapped(1)
  assert.ok(assigned)
  assert.deepEqual(to(assigned), ['pia@example.com'])
  assert.equal(assigned.recordId, caseId)
  assert.match(
    assigned.composed?.texts[0]?.subject ?? '',
    /^Case To Pia has been assigned to you\.$/,
  )

  await save('Call')
  const [called] = await trapped(2)
  assert.equal(called?.objectName, 'Task')
  assert.equal(called?.composed?.texts[0]?.subject, 'Task Call them has been assigned to you.')
  assert.match(called?.composed?.texts[0]?.text ?? '', /Due: 3\/3\/2026\nPriority: High/)
})

test('a flow and a time trigger call alerts as rules do', async (t) => {
  const { save, trapped, client } = await open(t)
  await save('By flow')
  const [byFlow] = await trapped(1)
  assert.equal(byFlow?.ruleFullName, 'flow:By_Flow')

  await save('Later')
  const advanced = await client.call('POST', '/dev/clock', { advance: 'P3D' })
  assert.equal(advanced.status, 200, JSON.stringify(advanced.json))
  const [later] = await trapped(2)
  assert.equal(later?.composed?.texts[0]?.subject, 'Later')
  assert.equal(later?.about.kind === 'alert' && later.about.alertKey, 'Case.Tell_Owner')
})
