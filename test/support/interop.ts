import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FieldValues } from '../../src/schema/field-value.ts'
import type { FieldDefinition, FieldType } from '../../src/schema/object-definition.ts'
import { type RecordId, shortId } from '../../src/schema/record-id.ts'
import { compileEnvelopeWriter } from '../../src/wire/write-envelope.ts'
import { writeWsdl, xsdTypeOf } from '../../src/wire/wsdl.ts'
import { afterTest } from './after-test.ts'
import { messageId, notifications } from './notifications.ts'
import { ORGANIZATION_ID, openSending } from './sending.ts'
import { temporaryFolder } from './stores.ts'

// Listeners nobody here wrote, in processes of their own: what they read of what the sender really sends.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LISTENERS = fileURLToPath(new URL('../interop/listeners', import.meta.url))

/** The path of a listener of the tests. */
export function listenerFile(name: string): string {
  return join(LISTENERS, name)
}

/** The path of a listener of the examples. */
export function exampleFile(name: string): string {
  return join(ROOT, 'examples/listeners', name)
}

/** One field of each type that can be sent. */
export const FIELDS: readonly FieldDefinition[] = (
  [
    ['AnnualRevenue', 'currency'],
    ['Body__c', 'textarea'],
    ['Closes__c', 'time'],
    ['Contact_Email__c', 'email'],
    ['Industry', 'picklist'],
    ['IsVip__c', 'boolean'],
    ['LastModifiedDate', 'datetime'],
    ['Name', 'string'],
    ['Number__c', 'autonumber'],
    ['NumberOfEmployees', 'int'],
    ['ParentId', 'reference'],
    ['Phone', 'phone'],
    ['Ratio__c', 'percent'],
    ['Regions__c', 'multipicklist'],
    ['Since__c', 'date'],
    ['Website', 'url'],
    ['Weight__c', 'double'],
  ] satisfies readonly (readonly [string, FieldType])[]
).map(([name, type]) => ({ name, label: name, type }))

/** One value of each type, with all that XML makes hard; every second record has but its name and a checkbox. */
export function valuesOf(index: number): FieldValues {
  const Name = `Ünïcode <& "quoted" 'n' 漢字 🚀 ${index}`
  if (index % 2 === 1) return { Name, IsVip__c: false, NumberOfEmployees: null }
  return {
    AnnualRevenue: '139000000',
    Body__c: 'first line\n\tsecond\r\n<b>third</b> &amp; last ]]>',
    Closes__c: '17:30:00.000Z',
    Contact_Email__c: 'a@example.com',
    Industry: 'Food & Beverage',
    IsVip__c: true,
    LastModifiedDate: '2026-09-08T23:40:33.000Z',
    Name,
    Number__c: 'A-0007',
    NumberOfEmployees: String(5000 + index),
    ParentId: '0015e00000UvWx4AAF',
    Phone: '+44 20 7946 0000',
    Ratio__c: '0.0001',
    Regions__c: 'North;South',
    Since__c: '2017-04-03',
    Website: 'https://example.com/?a=1&b=2',
    Weight__c: '-12.5',
  }
}

/** The fields and their XSD types, as `Name=string`. */
export function fieldArguments(): readonly string[] {
  return FIELDS.map((field) => {
    const type = xsdTypeOf(field).slice(4)
    return `${field.name}=${type === 'ID' ? 'string' : type}`
  })
}

/** Our WSDL of those fields, in a file. */
export function wsdlFile(t: TestContext, endpointUrl = 'http://127.0.0.1:9/listener'): string {
  const file = join(temporaryFolder(t), 'account.wsdl')
  const facts = { messageName: 'Notify_ERP', objectName: 'Account', fields: FIELDS }
  writeFileSync(file, writeWsdl({ ...facts, endpointUrl, generatedAt: Date.UTC(2026, 8, 8) }))
  return file
}

/** Why a stack cannot be tried here: the Debian packages to install; false when it can. */
export function missing(
  packages: string,
  [program = '', ...args]: readonly string[],
): string | false {
  const { status } = spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 })
  return status === 0 ? false : `needs ${packages} (apt-get install ${packages})`
}

/** What a listener printed of one notification. */
export type ReadNotification = {
  readonly organizationId: string
  readonly actionId: string
  readonly sessionId?: unknown
  readonly notificationId: string
  readonly record: Readonly<Record<string, unknown>>
}

/** A listener's process. */
export type Listener = {
  /** Where it listens, as it said. */
  readonly url: string
  /** Resolves with the next so many notifications that it printed. */
  read(count: number): Promise<readonly ReadNotification[]>
}

type ListenerAsk = {
  readonly env?: NodeJS.ProcessEnv
  /** How it says on standard error that it listens; the first group is its URL. */
  readonly ready?: RegExp
}

/** Starts a listener and waits until it listens. */
export async function startListener(
  t: TestContext,
  [program = '', ...args]: readonly string[],
  { env = {}, ready = /^listening on (http:\S+)$/ }: ListenerAsk = {},
): Promise<Listener> {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const gone = once(child, 'exit')
  afterTest(t, async () => {
    child.kill('SIGKILL')
    await gone
  })
  const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const said: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      const found = ready.exec(line)?.[1]
      if (found) resolve(found)
    })
    gone.then(() => reject(new Error(`${program} ended:\n${said.slice(-20).join('\n')}`)), reject)
  })
  return {
    url,
    read: async (count) => {
      const read: ReadNotification[] = []
      while (read.length < count) {
        const next = await Promise.race([printed.next(), gone])
        if (!('value' in next) || next.done) throw new Error(`it ended:\n${said.join('\n')}`)
        read.push(JSON.parse(next.value) as ReadNotification)
      }
      return read
    },
  }
}

/** Sends 1, then 2, then 100 notifications, a message each time, and checks all of what the listener read of them. */
export async function checkListener(t: TestContext, listener: Listener, url = listener.url) {
  const sending = await openSending(t, url)
  const { sendable, outbox, sender } = sending
  assert.ok(sendable)
  sending.sendable = { ...sendable, fields: FIELDS }

  for (const count of [1, 2, 100]) {
    const recordIds = await sending.queue(count)
    for (const [index, id] of recordIds.entries()) sending.shelf.set(id, valuesOf(index))
    const owed = await outbox.list({ limit: 100 })

    assert.equal(await sender.turn(), 'worked')

    const [attempt] = await outbox.attempts({ limit: 1 })
    assert.deepEqual([attempt?.outcome, attempt?.reason], ['acknowledged', null])
    assert.deepEqual(await outbox.list({ limit: 10 }), [])
    const read = await listener.read(count)
    assert.deepEqual(
      read.map((each) => each.notificationId).sort(),
      owed.map((each) => each.notificationId).sort(),
    )
    for (const each of read) checkRead(each, recordIds)
  }
}

/** One message of so many notifications, as text; and their records in order. */
export function sentEnvelope(count: number): { envelope: string; recordIds: readonly RecordId[] } {
  const queued = notifications(count)
  const path = `60.0/${shortId(ORGANIZATION_ID)}`
  const write = compileEnvelopeWriter({ objectName: 'Account', fields: FIELDS })
  const envelope = write({
    organizationId: ORGANIZATION_ID,
    actionId: messageId(1),
    sessionId: null,
    enterpriseUrl: `https://org.example/services/Soap/c/${path}`,
    partnerUrl: `https://org.example/services/Soap/u/${path}`,
    notifications: queued.map((each, index) => ({ ...each, values: valuesOf(index) })),
  })
  return { envelope, recordIds: queued.map((each) => each.recordId) }
}

/** One notification as it was read, against what was sent. */
export function checkRead(read: ReadNotification, recordIds: readonly string[]): void {
  assert.equal(read.organizationId, ORGANIZATION_ID)
  assert.equal(read.actionId, messageId(1))
  assert.ok(!read.sessionId, 'a session id that was not sent')
  const { Id, ...fields } = read.record
  const index = recordIds.indexOf(String(Id))
  assert.ok(index >= 0, `an unknown record ${Id}`)
  const sent = Object.entries(valuesOf(index)).filter(([, value]) => value !== null)
  assert.deepEqual(Object.keys(fields).sort(), sent.map(([name]) => name).sort())
  for (const [name, value] of sent) {
    const type = FIELDS.find((field) => field.name === name)?.type ?? 'string'
    assert.equal(plainOf(type, fields[name]), plainOf(type, value), name)
  }
}

/** A value in one spelling, whatever the language made of it. */
function plainOf(type: FieldType, value: unknown): unknown {
  if (type === 'boolean') return value === true || value === 'true'
  if (/^(int|double|currency|percent)$/.test(type)) return Number(value)
  if (type === 'datetime') return new Date(String(value)).toISOString()
  if (type === 'time') return String(value).slice(0, 8)
  if (type === 'date') return String(value).slice(0, 10)
  return value
}
