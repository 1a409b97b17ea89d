import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ComposedEmail } from '../../src/mail/email.ts'
import { openMailer } from '../../src/mail/mailer.ts'
import { openSmtp } from '../../src/mail/open-smtp.ts'
import { readSmtpUrl } from '../../src/mail/smtp-url.ts'
import type { Transport } from '../../src/mail/transport.ts'
import { openOrgForMail } from '../../src/org/mail/org-for-mail.ts'
import { ADMIN } from '../support/accounts-project.ts'
import { eventually } from '../support/eventually.ts'
import { openTestHouse } from '../support/open-test-house.ts'
import { openTestSmtp, type TestSmtp } from '../support/smtp-server.ts'
import { storesUnderTest } from '../support/stores.ts'
import { metadataXml, temporaryProject } from '../support/temporary-project.ts'

const RULE = `<rules><fullName>Greet</fullName><actions><name>Welcome</name><type>Alert</type></actions>
<active>true</active><formula>ISNEW()</formula><triggerType>onAllChanges</triggerType></rules>`

const ALERT = `<alerts><fullName>Welcome</fullName><description>Welcome</description><protected>false</protected>
<ccEmails>archive@example.com</ccEmails>
<recipients><type>owner</type></recipients>
<recipients><recipient>nobody@example.com</recipient><type>user</type></recipients>
<senderType>CurrentUser</senderType><template>Sales/Welcome</template></alerts>`

const TEMPLATE = `<available>true</available><encodingKey>UTF-8</encodingKey><name>Welcome</name><style>none</style>
<subject>Welcome {!Account.Name}</subject><type>custom</type>`

const BODY = `<html><body><p>Dear {!Account.OwnerFullName},</p>
<p>{!Account.Name} has {!Account.NumberOfEmployees} employees and {!Account.AnnualRevenue}.</p>
<p><a href="{!Account.Link}">See it</a> {!Account.Nothing__c}</p></body></html>`

async function open(t: TestContext, mailTransport?: Transport | null) {
  const [sqlite] = storesUnderTest()
  const folder = await temporaryProject(t, {
    'workflows/Account.workflow-meta.xml': metadataXml('Workflow', `${RULE}${ALERT}`),
    'email/Sales/Welcome.email': BODY,
    'email/Sales/Welcome.email-meta.xml': metadataXml('EmailTemplate', TEMPLATE),
  })
  const store = sqlite ?? assert.fail()
  return openTestHouse(t, { store, folder, ...(mailTransport !== undefined && { mailTransport }) })
}

const ACME = { Name: 'Acme <Ltd>', NumberOfEmployees: 1200, AnnualRevenue: 2500000.5 }

type Emails = {
  readonly total: number
  readonly emails: readonly { emailId: string; subject: string; recipients: string }[]
}

test('a rule that fires an alert owes an e-mail, which obm dev traps and shows', async (t) => {
  const { client, logged, url, token } = await open(t)
  const accountId = await client.createAccount(ACME)
  await eventually('the e-mail is trapped', () => logged('email.trapped').length === 1)

  const listed = await client.call('GET', '/setup/api/emails?state=trapped')
  const { emails, total } = listed.json as Emails
  const [email] = emails
  assert.equal(total, 1)
  assert.equal(email?.subject, 'Welcome Acme <Ltd>')
  assert.equal(email?.recipients, 'admin@obm.example, archive@example.com')

  const shown = await client.call('GET', `/setup/api/emails/${email?.emailId}`)
  const { composed } = shown.json as { composed: ComposedEmail }
  const [text] = composed.texts
  assert.match(text?.html ?? '', /Acme &lt;Ltd&gt; has 1,200 employees and \$2,500,001\./)
  assert.match(text?.text ?? '', /^Dear Admin User,\nAcme <Ltd> has 1,200/)
  assert.match(text?.html ?? '', new RegExp(`<a href="${url}/001\\w{12}">`))
  assert.deepEqual(composed.from, { name: 'Admin User', address: 'admin@obm.example' })
  assert.deepEqual(composed.remarks, [
    'user: there is no user nobody@example.com',
    '{!Account.Nothing__c}: there is no Account.Nothing__c here',
  ])

  const told = await client.call('GET', `/setup/api/story/${accountId}`)
  const { events } = told.json as { events: readonly { kind: string; emailId: string | null }[] }
  assert.deepEqual(
    events.filter(({ emailId }) => emailId === email?.emailId).map(({ kind }) => kind),
    ['emailQueued', 'emailSettled'],
  )

  const headers = { authorization: `Bearer ${token}` }
  const page = await fetch(`${url}/dev/mail/${email?.emailId}`, { headers })
  assert.match(await page.text(), /Acme &lt;Ltd&gt;/)
  assert.doesNotMatch(page.headers.get('content-security-policy') ?? '', /unsafe|script/)
  const html = await fetch(`${url}/dev/mail/${email?.emailId}/html/0`, { headers })
  assert.match(html.headers.get('content-security-policy') ?? '', /^sandbox; default-src 'none'/)
})

test('nobody reads e-mails without a password; a browser is asked for it once', async (t) => {
  const { url } = await open(t)
  const page = (headers: Record<string, string>) => fetch(`${url}/dev/mail`, { headers })

  const refused = await page({})
  assert.equal(refused.status, 401)
  assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic /)
  assert.equal((await page({ authorization: `Basic ${btoa('admin@obm.example:no')}` })).status, 400)

  const basic = btoa(`${ADMIN.username}:${ADMIN.password}`)
  const signedIn = await page({ authorization: `Basic ${basic}` })
  assert.equal(signedIn.status, 200)
  const [cookie = ''] = signedIn.headers.getSetCookie()
  assert.match(cookie, /; Path=\/dev; HttpOnly; SameSite=Strict$/)
  assert.equal((await page({ cookie: cookie.split(';')[0] ?? '' })).status, 200)
})

test('e-mails go out over SMTP, each address by itself, as text and HTML', async (t) => {
  const smtp = await openTestSmtp(t)
  const { client, logged } = await open(t, await transportTo(smtp))
  await client.createAccount({ ...ACME, Name: 'Käse & Söhne' })
  await eventually('the e-mail is sent', () => logged('email.sent').length === 1)

  assert.deepEqual(
    smtp.received.map(({ from, to }) => [from, ...to]),
    [
      ['admin@obm.example', 'admin@obm.example'],
      ['admin@obm.example', 'archive@example.com'],
    ],
  )
  const [letter] = smtp.received
  assert.match(letter?.source ?? '', /^Subject: =\?UTF-8\?/m)
  assert.match(letter?.source ?? '', /^Message-ID: <02s\w{15}\.0@obm\.example>/im)
  assert.match(letter?.source ?? '', /^Auto-Submitted: auto-generated/m)
  assert.match(letter?.source ?? '', /^Content-Type: multipart\/alternative/m)
})

test('without a mail server e-mails wait, and are sent once there is one', async (t) => {
  const smtp = await openTestSmtp(t)
  const { client, house, log, stores } = await open(t, null)
  await client.createAccount(ACME)

  assert.equal(log.lines.find(({ event }) => event === 'email.held')?.fields.waiting, 0)
  assert.equal(await stores.mail.countEmails({ states: ['waiting'] }), 1)
  const transport = await transportTo(smtp)
  const mailer = openMailer({
    store: stores.mail,
    org: openOrgForMail(house.org, async () => 'http://localhost'),
    transport,
    clock: house.org.clock,
    log,
  })
  await mailer.turn()
  await mailer.stop()

  assert.equal(smtp.received.length, 2)
  assert.equal(await stores.mail.countEmails({ states: ['sent'] }), 1)
})

async function transportTo({ port }: TestSmtp): Promise<Transport> {
  const read = readSmtpUrl(`smtp://127.0.0.1:${port}`)
  return openSmtp(read.kind === 'server' ? read.server : assert.fail(read.reason))
}
