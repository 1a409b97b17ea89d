import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY_MS } from '../../src/base/clock.ts'
import { eventually } from '../support/eventually.ts'
import { exampleFolder, openTestHouse, type TestHouse } from '../support/open-test-house.ts'
import { REST } from '../support/rest-client.ts'
import { storesUnderTest } from '../support/stores.ts'

const SUBSCRIPTION = `${REST}/sobjects/Subscription__c`

async function query({ client }: TestHouse, soql: string): Promise<readonly object[]> {
  const { json } = await client.call('GET', `${REST}/query?q=${encodeURIComponent(soql)}`)
  return (json as { records: readonly object[] }).records
}

/** What the job printed of each message, in the order they came. */
async function printed({ stores }: TestHouse): Promise<readonly string[]> {
  const runs = await stores.jobs.listRuns({ statuses: ['FINISHED'], limit: 9, offset: 0 })
  const read = await Promise.all(runs.map(({ runId }) => stores.jobs.readRun(runId)))
  return read.map((run) => run?.log.trim() ?? '').toReversed()
}

for (const store of storesUnderTest()) {
  test(`${store.name}: the example of renewals: an active subscription is told, mailed and rolled up, and is due a month before its end`, async (t) => {
    const house = await openTestHouse(t, { store, folder: exampleFolder('renewals') })
    const { client, clock } = house
    await client.createAccount({ Name: 'Northwind Mills', Customer_Number__c: 'C-1' })
    const fields = {
      Account__r: { Customer_Number__c: 'C-1' },
      Start_Date__c: '2025-04-11',
      End_Date__c: '2026-04-11',
      Yearly_Amount__c: 120000,
      Status__c: 'Active',
      Contact_Email__c: 'kim@northwind.example',
    }

    const refused = await client.call('POST', SUBSCRIPTION, {
      ...fields,
      End_Date__c: '2025-01-01',
    })
    assert.partialDeepStrictEqual(refused.json, [
      { errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['End_Date__c'] },
    ])
    const saved = await client.call('POST', SUBSCRIPTION, fields)
    const { id } = saved.json as { id: string }
    await eventually('the job has run', async () => (await printed(house)).length === 1)

    const [account] = await query(house, 'SELECT Rating, Yearly_Value__c FROM Account')
    assert.partialDeepStrictEqual(account, { Rating: 'Hot', Yearly_Value__c: 120000 })
    clock.advance(12 * DAY_MS) // to less than a month before its end
    house.house.nudge()
    await eventually('the job has run again', async () => (await printed(house)).length === 2)

    assert.deepEqual(await printed(house), [
      'SUB-0002 of Northwind Mills: Active, renewal Not due, 10000.0 a month',
      'SUB-0002 of Northwind Mills: Active, renewal Due, 10000.0 a month',
    ])
    const { records: tasks } = await house.stores.org.readRecords([
      { kind: 'all', objectName: 'Task', limit: 9 },
    ])
    assert.deepEqual(
      tasks.map(({ fields }) => [fields['Subject'], fields['ActivityDate'], fields['WhatId']]),
      [['Call about the renewal', '2026-03-28', id]],
    )
    const mails = await eventually('both e-mails went out', () => {
      const sent = house.logged('email.trapped')
      return sent.length === 2 && sent
    })
    assert.deepEqual(
      mails.map(({ fields }) => fields['about']),
      ['Subscription__c.Welcome', 'Subscription__c.Renewal_is_due'],
    )
  })
}
