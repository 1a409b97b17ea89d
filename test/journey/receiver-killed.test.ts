import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { afterTest } from '../support/after-test.ts'
import { notificationId, outboundMessage } from '../support/outbound-message.ts'
import { jobConfig, openReceivingStoreAt } from '../support/receiving.ts'
import { storesUnderTest } from '../support/stores.ts'

const PROGRAM = fileURLToPath(new URL('../support/listener-process.ts', import.meta.url))

/** Messages taken in before the process is killed in the middle of others. */
const ACKS_BEFORE_KILL = 150

async function startReceiver(t: TestContext, storeUrl: string) {
  const child = spawn(process.execPath, [PROGRAM, storeUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  afterTest(t, () => child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  const url = String(line).trim()
  return { url, kill: () => child.kill('SIGKILL'), gone: once(child, 'exit') }
}

for (const store of storesUnderTest()) {
  test(`${store.name}: kill -9 of the receiver loses nothing that it acknowledged`, async (t) => {
    const storeUrl = await store.url(t)
    const { jobs } = await openReceivingStoreAt(t, storeUrl)
    await jobs.writeConfig(jobConfig())
    const receiver = await startReceiver(t, storeUrl)
    const acknowledged: string[] = []
    let serial = 0

    const sendUntilRefused = async () => {
      for (;;) {
        serial += 1
        const mine = serial
        const body = outboundMessage({ notifications: [mine] })
        const target = `${receiver.url}/v2/api/jobconfigs/accounts/sfdc/obm`
        const headers = { 'content-type': 'text/xml' }
        const reply = await fetch(target, { method: 'POST', headers, body }).catch(() => null)
        if (reply?.status !== 200) return
        acknowledged.push(notificationId(mine))
        if (acknowledged.length === ACKS_BEFORE_KILL) receiver.kill()
      }
    }
    await Promise.all(Array.from({ length: 16 }, sendUntilRefused))
    receiver.kill() // should it live on, because it refused
    await receiver.gone

    assert.ok(acknowledged.length >= ACKS_BEFORE_KILL)
    const leased = await jobs.leaseRuns({
      limit: 10_000,
      limitPerConfig: 10_000,
      now: Number.MAX_SAFE_INTEGER,
      leaseMs: 60_000,
    })
    const kept = leased.map(({ run }) => run.message?.properties.NotificationId)
    assert.equal(new Set(kept).size, kept.length)
    assert.deepEqual(
      acknowledged.filter((id) => !kept.includes(id)),
      [],
    )
  })
}
