import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRecordId } from '../../src/schema/record-id.ts'
import type { RecordStory } from '../../src/story/record-story.ts'
import { accountsProject } from '../support/accounts-project.ts'
import { openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { exampleFolder, openTestHouse, type TestHouse } from '../support/open-test-house.ts'
import { REST } from '../support/rest-client.ts'
import { runObm } from '../support/run-obm.ts'
import { storesUnderTest } from '../support/stores.ts'

for (const store of storesUnderTest()) {
  test(`${store.name}: a record's story goes from its save to the end of its job run`, async (t) => {
    const folder = exampleFolder('accounts-to-datacloud')
    const opened = await openTestHouse(t, { store, folder })
    const { client, stores, house } = opened
    const id = await client.createAccount({ Name: 'Müller & Söhne', Type: 'Prospect' })
    const run = await eventually('a finished run', async () => {
      const [found] = await stores.jobs.listRuns({ statuses: ['FINISHED'], limit: 1, offset: 0 })
      return found ?? null
    })
    await eventually(
      'nothing is owed',
      async () => (await stores.outbox.list({ limit: 1 })).length === 0,
    )

    await traceOf(opened, id)
    const told = await storyOf(opened, id.slice(0, 15))
    assert.deepEqual(
      [told.recordId, told.objectName, told.name, told.recordState, told.isComplete],
      [id, 'Account', 'Müller & Söhne', 'exists', true],
    )
    assert.deepEqual(
      told.events.map(({ kind }) => kind),
      ['recordSaved', 'notificationQueued', 'attempted', 'runQueued', 'runStarted', 'runEnded'],
    )
    const [notification, ...others] = told.notifications
    assert.ok(notification)
    assert.deepEqual(others, [])
    const { state, outboundMessage, whyNotYet, attempts, runs } = notification
    assert.deepEqual([state, whyNotYet], ['delivered', null])
    const [message] = house.org.definitions().outboundMessages
    assert.equal(outboundMessage, message?.key)
    assert.deepEqual(
      attempts.map(({ outcome, reason, httpStatus }) => [outcome, reason, httpStatus]),
      [['acknowledged', null, 200]],
    )
    assert.deepEqual(
      runs.map(({ runId, status, returnCode }) => [runId, status, returnCode]),
      [[run.runId, 'FINISHED', 0]],
    )

    const { code, out } = await runObm(opened, 'story', id.slice(0, 15))
    assert.equal(code, 0)
    const [head, ...lines] = out.trimEnd().split('\n')
    const steps = lines.filter((line) => line.startsWith('2026'))
    assert.equal(head, `Account ${id} "Müller & Söhne"; times are UTC`)
    const words = [
      'created',
      'fired',
      'acknowledged',
      'accepted',
      'started',
      'FINISHED, return code 0',
    ]
    assert.equal(steps.length, words.length)
    for (const [index, step] of steps.entries()) {
      assert.match(step, /^2026-03-02 12:00:00\.000 {2}\S/)
      assert.ok(step.includes(words[index] ?? '?'), step)
    }
  })

  test(`${store.name}: a story says why a notification is not sent yet, and what became of one that never was`, async (t) => {
    const endpoint = await openEndpoint(t, ['Ack false', 'hang up'])
    const folder = await accountsProject(t, { messages: [{ endpointUrl: endpoint.url }] })
    const opened = await openTestHouse(t, { store, folder })
    const { client, clock, house, stores } = opened
    const id = await client.createAccount({ Name: 'One' })
    const attempted = (count: number) =>
      eventually(`${count} attempts`, async () => {
        const [each] = await stores.outbox.list({ limit: 1 })
        return each?.attemptCount === count && !each.isLeased && each
      })
    const owed = await attempted(1)
    await traceOf(opened, id)
    const whyNotYet = async () => (await storyOf(opened, id)).notifications[0]?.whyNotYet ?? ''

    assert.match(await whyNotYet(), /^Attempt 2 is due at 2026-03-02T12:00:30.000Z; the last one/)
    clock.advance(31_000)
    house.nudge()
    await attempted(2)
    assert.deepEqual(
      (await storyOf(opened, id)).notifications[0]?.attempts.map(({ outcome }) => outcome),
      ['refused', 'unanswered'],
    )
    const { outboundMessageId } = owed
    const target = { kind: 'outboundMessage', outboundMessageId } as const
    await stores.outbox.hold(target, 'for repair', clock.now())
    assert.match(await whyNotYet(), /^Its outbound message is on hold since .*: for repair\.$/)

    clock.advance(1000)
    await client.call('DELETE', `${REST}/sobjects/Account/${id}`)
    await stores.outbox.del({ recordId: owed.recordId, limit: 9 })
    const told = await storyOf(opened, id)
    assert.deepEqual(
      told.events.map(({ kind }) => kind),
      ['recordSaved', 'notificationQueued', 'attempted', 'attempted', 'recordDeleted'],
    )
    assert.equal(told.recordState, 'deleted')
    assert.equal(told.notifications[0]?.state, 'removed')
    const { out } = await runObm(opened, 'story', id)
    assert.match(
      out,
      /attempt 2 of 04l\w{15} went unanswered .*\n.* admin@obm.example deleted the record: no rule fires for that\n/,
    )
    assert.match(out, /\nremoved +04l\w{15} is owed no more, and nobody acknowledged it\n/)
  })

  test(`${store.name}: of what never was there is no story, and no failure either`, async (t) => {
    const folder = await accountsProject(t, { messages: [] })
    const opened = await openTestHouse(t, { store, folder, roles: ['org'] })
    const ask = (id: string) => opened.client.call('GET', `/setup/api/story/${id}`)

    for (const id of ['001000000000099', 'zzz000000000099']) {
      const { status, json } = await ask(id)
      assert.deepEqual([status, (json as { errorCode: string }).errorCode], [404, 'NOT_FOUND'])
    }
    assert.equal((await ask('none')).status, 400)
    const unknown = await runObm(opened, 'story', '001000000000099')
    assert.equal(unknown.code, 1)
    assert.equal(unknown.out, '')
    assert.match(unknown.error, /^obm: NOT_FOUND: there is no record 001000000000099AAA, /)
    assert.equal((await runObm(opened, 'story', 'none')).code, 2)
    const saved = await opened.client.createAccount({ Name: 'Quiet' })
    const { out } = await runObm(opened, 'story', saved, '--json')
    assert.deepEqual((JSON.parse(out) as RecordStory).notifications, [])
  })
}

/** The trace of the record's only save: it comes a moment after it. */
async function traceOf({ stores }: TestHouse, id: string): Promise<void> {
  const recordId = parseRecordId(id)
  await eventually('a trace', async () => {
    const [trace] = await stores.traces.list({ recordId, limit: 1 })
    return trace ?? null
  })
}

async function storyOf({ client }: TestHouse, id: string): Promise<RecordStory> {
  const { status, json } = await client.call('GET', `/setup/api/story/${id}`)
  assert.equal(status, 200, JSON.stringify(json))
  return json as RecordStory
}
