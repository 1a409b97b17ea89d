import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { judgeHealth, missedSince } from '../../src/health/judge-health.ts'
import type { SendableMessage } from '../../src/org/definitions.ts'
import { firstUserId, foundOrg } from '../../src/org/founding/found-org.ts'
import { type Org, openOrg } from '../../src/org/open-org.ts'
import { openRecordsForSender } from '../../src/org/read-records-as.ts'
import { trySave } from '../../src/org/trace/try-save.ts'
import { DEFAULT_SCHEDULE } from '../../src/outbox/delivery-schedule.ts'
import { DEFAULT_PACE } from '../../src/outbox/lane-pace.ts'
import { customObject } from '../../src/schema/custom-object.ts'
import { checkbox, currency, field, int, reference, text } from '../../src/schema/define-field.ts'
import type { ObjectDefinition } from '../../src/schema/object-definition.ts'
import { openStores, type Stores } from '../../src/store/open-store.ts'
import { openBodyReader } from '../../src/web/request-body.ts'
import { openApiUsage } from '../../src/web/salesforce/api-usage.ts'
import { openOrgApi } from '../../src/web/salesforce/open-org-api.ts'
import { openQueryLocators } from '../../src/web/salesforce/query-locators.ts'
import { SOAP_LOGIN_VERSION_MAX } from '../../src/web/salesforce/salesforce-ports.ts'
import { salesforceRoutes } from '../../src/web/salesforce/salesforce-routes.ts'
import { openServer } from '../../src/web/server.ts'
import { setupRoutes } from '../../src/web/setup/setup-routes.ts'
import { afterTest } from './after-test.ts'
import { quickHash } from './quick-password.ts'
import { standardFile, temporaryFolder } from './stores.ts'

export const ADMIN = { username: 'admin@example.com', password: 'correct horse' }

/** An org with its web server on a free port, over a fresh SQLite store. */
export type TestWeb = {
  readonly url: string
  readonly org: Org
  readonly stores: Stores
  /** A session token of the first user. */
  readonly token: string
  /** A request with that token; a body goes as JSON. Answers status, headers and the JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Called>
}

export type Called = { readonly status: number; readonly headers: Headers; readonly json: unknown }

/** `Invoice__c` has a field of each kind that clients send in their own way. */
const INVOICE: ObjectDefinition = customObject({
  name: 'Invoice__c',
  fields: [
    text('Ext__c', 40, { unique: true, externalId: true }),
    currency('Amount__c', 2),
    int('Lines__c', 8),
    checkbox('Paid__c'),
    field('Due__c', 'date'),
    field('Sent__c', 'datetime'),
    reference('Account__c', ['Account'], { relationshipName: 'Account__r' }),
  ],
})

const NOTIFY_ERP: SendableMessage = {
  kind: 'outboundMessage',
  objectName: 'Account',
  fullName: 'Notify_ERP',
  name: 'Notify ERP',
  description: null,
  apiVersion: '60.0',
  endpointUrl: 'http://127.0.0.1:9/in',
  fields: ['Name', 'AnnualRevenue'],
  includeSessionId: false,
  integrationUser: ADMIN.username,
  useDeadLetterQueue: false,
  isProtected: false,
  place: { file: 'workflows/Account.workflow', line: 3 },
  schedule: DEFAULT_SCHEDULE,
  pace: DEFAULT_PACE,
  heldReason: null,
}

/** Founds the org, opens the server, and closes all when the test ends. */
export async function openTestWeb(t: TestContext): Promise<TestWeb> {
  const stores = await openFoundedStores(t)
  const clock = systemClock()
  const org = await openOrg({ store: stores.org, clock, log: silentLog, onQueued: () => {} })
  const api = openOrgApi(org)
  const bodies = openBodyReader()
  const server = await openServer({
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    listener: null,
    log: silentLog,
    operations: { isReady: async () => true, inner: null },
    frontPage: () => Promise.reject(new Error('not asked for')),
    routes: [
      salesforceRoutes({
        org: api,
        clock,
        bodies,
        log: silentLog,
        locators: openQueryLocators(clock),
        usage: openApiUsage(clock),
        publicUrl: null,
        soapLoginVersionMax: SOAP_LOGIN_VERSION_MAX,
        signatureKey: 'key',
        outboundMessageWsdl: async (id) => {
          const message = org.definitions().messageOfId(id)
          return message ? `<wsdl of="${message.key}"/>` : null
        },
      }),
      setupRoutes({
        org: api,
        organizationId: org.organizationId,
        records: stores.org,
        outbox: stores.outbox,
        jobs: stores.jobs,
        mail: stores.mail,
        timeQueue: stores.timeQueue,
        traces: stores.traces,
        clock,
        bodies,
        log: silentLog,
        definitions: () => org.latest(),
        trySave: (ask) => trySave(org, ask),
        skippedTraces: () => 0,
        health: async () =>
          judgeHealth(await stores.health.facts(), { now: clock.now(), lateAfterMs: 60_000 }),
        senderMissed: async () => missedSince(await stores.health.processes(), 'sender'),
        whyNotAs: openRecordsForSender(org).whyNotAs,
        nudgeSender: () => {},
        nudgeRunner: () => {},
        nudgeMailer: () => {},
        nudgeTimeQueue: () => {},
      }),
    ],
  })
  afterTest(t, () => server.close())
  const admin = await org.users.userNamed(ADMIN.username)
  if (!admin) throw new Error('the org was founded without its first user')
  const { token } = await org.sessions.start(admin.userId)
  const call = callerOf(server.url, token)
  return { url: server.url, org, stores, token, call }
}

const SECRET_KEY = Buffer.alloc(32, 7)
let founded: Promise<string> | null = null
// Here, not where it is made: a hook that is added within a test ends with that test.
after(async () => {
  if (founded) rmSync(dirname(await founded), { recursive: true, force: true })
})

/** A copy of an org that is founded once for all tests of a file. */
async function openFoundedStores(t: TestContext): Promise<Stores> {
  founded ??= foundOnce()
  const path = join(temporaryFolder(t), 'obm.db')
  copyFileSync(await founded, path)
  const stores = await openStores(`sqlite:${path}`, { secretKey: SECRET_KEY })
  afterTest(t, () => stores.close())
  return stores
}

async function foundOnce(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'obm-founded-'))
  const path = join(folder, 'obm.db')
  copyFileSync(await standardFile(), path)
  const stores = await openStores(`sqlite:${path}`, { secretKey: SECRET_KEY })
  await stores.org.writePasswordHash(firstUserId(), quickHash(ADMIN.password))
  await foundOrg({ store: stores.org, clock: systemClock() }, { firstUser: ADMIN })
  await stores.org.replaceDefinitions('project', [
    { kind: 'object', key: INVOICE.name, body: INVOICE },
    { kind: 'outboundMessage', key: 'Account.Notify_ERP', body: NOTIFY_ERP },
  ])
  await stores.close()
  return path
}

function callerOf(url: string, token: string): TestWeb['call'] {
  return async (method, path, body, headers = {}) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(sent !== undefined && { body: sent }),
    })
    const answer = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    const json: unknown = isJson ? JSON.parse(answer) : answer
    return { status: response.status, headers: response.headers, json }
  }
}
