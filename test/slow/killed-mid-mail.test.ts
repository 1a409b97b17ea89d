import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WORKFLOWS } from '../support/accounts-project.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { lapseLeases } from '../support/lapse-leases.ts'
import { openTestSmtp } from '../support/smtp-server.ts'
import { startServe } from '../support/start-program.ts'
import { storesUnderTest } from '../support/stores.ts'
import { metadataXml, projectJson, temporaryProject } from '../support/temporary-project.ts'

const ACCOUNTS = 80
/** So many letters the mail server has taken when the program is killed: between its answer and writing it down. */
const KILLED_AT = [20, 60]

const RULE = `<rules><fullName>Greet</fullName><actions><name>Welcome</name><type>Alert</type></actions>
<active>true</active><formula>ISNEW()</formula><triggerType>onAllChanges</triggerType></rules>`
const ALERT = `<alerts><fullName>Welcome</fullName><description>Welcome</description><protected>false</protected>
<ccEmails>archive@example.com</ccEmails><recipients><type>owner</type></recipients>
<senderType>CurrentUser</senderType><template>Sales/Welcome</template></alerts>`
const TEMPLATE = `<available>true</available><encodingKey>UTF-8</encodingKey><name>Welcome</name><style>none</style>
<subject>Welcome {!Account.Name}</subject><type>text</type>`

for (const store of storesUnderTest()) {
  test(`${store.name}: kill -9 of obm serve while e-mails go out loses none; a copy has the id of the first`, async (t) => {
    const smtp = await openTestSmtp(t)
    const storeUrl = await store.url(t)
    const port = String(await freePort())
    const email = 'force-app/main/default/email/Sales/Welcome.email'
    const folder = await temporaryProject(t, {
      'sfdx-project.json': projectJson('force-app'),
      [`${WORKFLOWS}/Account.workflow-meta.xml`]: metadataXml('Workflow', `${RULE}${ALERT}`),
      [email]: 'Dear {!Account.OwnerFullName}, {!Account.Name} is {!Account.Id}.',
      [`${email}-meta.xml`]: metadataXml('EmailTemplate', TEMPLATE),
    })
    const env = { OBM_SMTP_URL: `smtp://127.0.0.1:${smtp.port}` }
    const start = () => startServe(t, [folder, '--port', port], { storeUrl, env })

    const saved = new Set<string>()
    for (const count of KILLED_AT) {
      const program = await start()
      let gone: Promise<void> | null = null
      smtp.refuseLetter = () => {
        if (smtp.received.length >= count) gone ??= program.kill('SIGKILL')
        return null
      }
      while (saved.size < ACCOUNTS && gone === null) {
        const fields = { Name: `Account ${saved.size}` }
        const id = await program.client.createAccount(fields).catch(() => null)
        if (id !== null) saved.add(id)
      }
      await eventually('it is killed', () => gone !== null, 60_000)
      await gone
      await lapseLeases(storeUrl) // as if two minutes had gone by
    }
    smtp.refuseLetter = () => null
    const { client } = await start()
    while (saved.size < ACCOUNTS)
      saved.add(await client.createAccount({ Name: `Account ${saved.size}` }))

    const ofAll = () =>
      [...saved].every(
        (id) => smtp.received.filter((each) => each.source.includes(id.slice(0, 15))).length >= 2,
      )
    await eventually('every e-mail has come to both its addresses', ofAll, 120_000)

    const byId = Map.groupBy(smtp.received, ({ source }) => messageIdOf(source))
    for (const [id, copies] of byId) {
      const told = copies.map(
        ({ to, source }) => `${to.join()} ${source.slice(source.indexOf('\r\n\r\n'))}`,
      )
      assert.equal(new Set(told).size, 1, `${id} says two things`)
    }
    const letters = smtp.received.map(({ to, source }) => `${to.join()} ${accountIn(source)}`)
    assert.equal(new Set(letters).size, byId.size, 'a letter has one id, however often it is sent')
    assert.ok(
      smtp.received.length > byId.size,
      'it was killed between an answer and writing it down',
    )
  })
}

function messageIdOf(source: string): string {
  return /^Message-ID: (<\S+>)/im.exec(source)?.[1] ?? assert.fail('a letter without an id')
}

function accountIn(source: string): string {
  return /001[0-9A-Za-z]{12,15}/.exec(source)?.[0] ?? assert.fail('a letter about nobody')
}
