// A process that receives and runs: `node receiver-and-runner-process.ts STORE_URL FILE` prints its URL. A run is a
// line of FILE when it begins and one when it ends. The first attempt of a message with "fail once" in it fails.
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openInbox } from '../../src/inbox/open-inbox.ts'
import type { RunJob } from '../../src/jobs/kinds/run-job.ts'
import { openRunner } from '../../src/jobs/runner.ts'
import { openStores } from '../../src/store/open-store.ts'
import { openListener } from '../../src/web/listener.ts'
import { openPeerReader } from '../../src/web/receiving/read-peer.ts'

const [, , storeUrl = '', file = ''] = process.argv
const stores = await openStores(storeUrl, { secretKey: Buffer.alloc(32, 7) })
const [clock, log] = [systemClock(), silentLog]

const runJob: RunJob = async (_config, run) => {
  const { RecordId, NotificationId } = run.message?.properties ?? {}
  const tell = (word: string) => appendFileSync(file, `${RecordId} ${word} ${NotificationId}\n`)
  tell('begin')
  await wait(3)
  if (run.message?.body.includes('fail once') && run.attemptCount === 1) {
    tell('fail')
    return { kind: 'failed', returnCode: 1, reason: 'as asked', log: '' }
  }
  tell('end')
  return { kind: 'succeeded', returnCode: 0, log: '' }
}
const runner = openRunner({ store: stores.jobs, runJob, clock, log })
runner.start(8)

const inbox = openInbox({
  store: stores.inbox,
  classicSession: async () => ({ kind: 'trusted' }) as const,
  clock,
  log,
  nudgeRunner: runner.nudge,
})
const listener = openListener({
  inbox,
  peerOf: openPeerReader({ proxies: [], certificateHeader: null, checksAuthorities: false }),
  log,
})
const server = createServer((request, response) => listener.answer(request, response))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}\n`)
})
