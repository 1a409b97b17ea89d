// How many entries of the time queue are carried out in a second once they are due, by store? The server is `obm serve
// --roles org` as it ships. An entry writes a field of its record and queues a notification.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStores, type Stores } from '../src/store/open-store.ts'
import { signIn } from '../test/support/rest-client.ts'
import { metadataXml } from '../test/support/temporary-project.ts'
import { writeBenchProject } from './support/bench-project.ts'
import { benchStores, temporaryFolder } from './support/bench-stores.ts'
import { printTable, spread } from './support/figures.ts'
import { readForm } from './support/form.ts'
import { ADMIN, type ObmProcess, SECRET_KEY_HEX, startObm } from './support/obm-process.ts'
import { saveAll } from './support/open-backlog.ts'
import { cpuMs } from './support/process-cost.ts'
import { interleave } from './support/rounds.ts'

const WORKFLOW = 'force-app/main/default/workflows/Plain__c.workflow-meta.xml'
const POLL_MS = 20

type Variant = {
  readonly store: string
  readonly stores: Stores
  readonly server: ObmProcess
  readonly token: string
}

const form = readForm()
await using scope = new AsyncDisposableStack()
const folder = temporaryFolder(scope)
writeBenchProject(folder, { username: ADMIN.username })
writeFileSync(join(folder, WORKFLOW), timedWorkflow())
const variants: Variant[] = []
for (const { name: store, url } of await benchStores(scope)) {
  const server = await startObm(scope, { roles: 'org', storeUrl: url, folder })
  const stores = await openStores(url, { secretKey: Buffer.from(SECRET_KEY_HEX, 'hex') })
  scope.defer(() => stores.close())
  variants.push({ store, stores, server, token: await signIn(server.url, ADMIN) })
}

const entries = form.pick(5000, 200)
const measured = await interleave(form, variants, async ({ stores, server, token }) => {
  await saveAll(stores, entries)
  const before = cpuMs(server.pid)
  const started = performance.now()
  await runAll(server.url, token)
  const isPending = async () =>
    (await stores.timeQueue.list({ state: 'pending', limit: 1 })).length > 0
  while (await isPending()) await sleep(POLL_MS)
  const seconds = (performance.now() - started) / 1000
  const failed = await stores.timeQueue.list({ state: 'failed', limit: 1 })
  if (failed.length > 0) throw new Error(`an entry failed: ${failed[0]?.failureReason}`)
  return { rate: entries / seconds, cpu: ((cpuMs(server.pid) - before) / entries) * 1000 }
})

printTable(
  ['store', 'entries due at once', 'carried out/s', 'CPU µs an entry'],
  measured.map(({ variant, samples }) => [
    variant.store,
    String(entries),
    spread(samples.map(({ rate }) => rate)),
    spread(samples.map(({ cpu }) => cpu)),
  ]),
)

/** As `obm time run --all`: all that is pending is due now, and the loop looks at once. */
async function runAll(url: string, token: string): Promise<void> {
  const response = await fetch(`${url}/setup/api/time-queue/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ all: true }),
  })
  if (!response.ok) throw new Error(`not run: ${response.status} ${await response.text()}`)
}

/** A rule that every new record meets, with a time trigger that is due an hour later. */
function timedWorkflow(): string {
  return metadataXml(
    'Workflow',
    `<fieldUpdates><fullName>Mark</fullName><field>Text_1__c</field><formula>&quot;an hour later&quot;</formula>
      <name>Mark</name><notifyAssignee>false</notifyAssignee><operation>Formula</operation>
      <protected>false</protected></fieldUpdates>
    <outboundMessages><fullName>Tell</fullName><apiVersion>60.0</apiVersion>
      <endpointUrl>http://127.0.0.1:9/</endpointUrl><fields>Id</fields><fields>Text_1__c</fields>
      <includeSessionId>false</includeSessionId><integrationUser>${ADMIN.username}</integrationUser>
      <name>Tell</name><protected>false</protected><useDeadLetterQueue>false</useDeadLetterQueue></outboundMessages>
    <rules><fullName>Later</fullName><active>true</active>
      <criteriaItems><field>Plain__c.Check__c</field><operation>equals</operation><value>True</value></criteriaItems>
      <triggerType>onCreateOnly</triggerType>
      <workflowTimeTriggers>
        <actions><name>Mark</name><type>FieldUpdate</type></actions>
        <actions><name>Tell</name><type>OutboundMessage</type></actions>
        <timeLength>1</timeLength><workflowTimeTriggerUnit>Hours</workflowTimeTriggerUnit>
      </workflowTimeTriggers></rules>`,
  )
}
