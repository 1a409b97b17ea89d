import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DEFAULT_LIMITS } from '../../src/jobs/run-limits.ts'
import { makeRecordId } from '../../src/schema/record-id.ts'
import { afterTest } from '../support/after-test.ts'
import { eventually } from '../support/eventually.ts'
import { notificationId, outboundMessage } from '../support/outbound-message.ts'
import { jobConfig, openReceivingStoreAt } from '../support/receiving.ts'
import { storesUnderTest, temporaryFolder } from '../support/stores.ts'

const PROGRAM = fileURLToPath(new URL('../support/receiver-and-runner-process.ts', import.meta.url))
const RECORDS = 8
const CHANGES = 6
/** The first change of this record fails at first. */
const FAILING = 3

async function start(t: TestContext, storeUrl: string, file: string): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, storeUrl, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  afterTest(t, () => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  return String(line).trim()
}

for (const store of storesUnderTest()) {
  test(`${store.name}: copies that reach two processes at once start one run each, and a record's runs go in order`, async (t) => {
    const storeUrl = await store.url(t)
    const file = join(temporaryFolder(t), 'runs.txt')
    const { jobs } = await openReceivingStoreAt(t, storeUrl)
    const limits = { ...DEFAULT_LIMITS, retryFirstMs: 1_000 }
    await jobs.writeConfig(jobConfig({ ordering: 'record', limits }))
    const urls = await Promise.all([start(t, storeUrl, file), start(t, storeUrl, file)])

    const post = async (url: string | undefined, record: number, serial: number) => {
      const isFailing = record === FAILING && serial === serialOf(record, 0)
      const body = outboundMessage({
        notifications: [serial],
        recordOf: () => record,
        ...(isFailing && { fields: { Description: 'fail once' } }),
      })
      const headers = { 'content-type': 'text/xml' }
      const target = `${url}/v2/api/jobconfigs/accounts/sfdc/obm`
      const reply = await fetch(target, { method: 'POST', headers, body })
      assert.equal(reply.status, 200)
    }
    const sendChanges = async (record: number) => {
      for (let change = 0; change < CHANGES; change += 1) {
        const serial = serialOf(record, change)
        await Promise.all([0, 1, 0, 1].map((process) => post(urls[process], record, serial)))
      }
    }
    const records = Array.from({ length: RECORDS }, (_, index) => index + 1)
    await Promise.all(records.map(sendChanges))
    await eventually(
      'all runs are over',
      async () => (await jobs.countRuns({ statuses: ['FINISHED'] })) === RECORDS * CHANGES,
      60_000,
    )

    assert.equal(await jobs.countRuns({}), RECORDS * CHANGES)
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    for (const record of records) {
      const recordId = makeRecordId('001', record)
      const ids = Array.from({ length: CHANGES }, (_, change) =>
        notificationId(serialOf(record, change)),
      )
      const expected = ids.flatMap((id) => [`${recordId} begin ${id}`, `${recordId} end ${id}`])
      if (record === FAILING) {
        expected.unshift(`${recordId} begin ${ids[0]}`, `${recordId} fail ${ids[0]}`)
      }
      assert.deepEqual(
        lines.filter((line) => line.startsWith(recordId)),
        expected,
      )
    }
  })
}

function serialOf(record: number, change: number): number {
  return record * 100 + change
}
