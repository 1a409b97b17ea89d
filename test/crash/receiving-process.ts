// The receiving walk in a process of its own, to be killed: `node receiving-process.ts JOURNAL ROUND URL…`, a store's URL for
// each lane. Prints `ready URL`, then `reached STEP` for each step it stands at.
import { appendFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { type Inbox, openInbox } from '../../src/inbox/open-inbox.ts'
import type { ListenerRequest } from '../../src/inbox/receive.ts'
import type { JobStore } from '../../src/jobs/job-store.ts'
import { openRunner } from '../../src/jobs/runner.ts'
import { openReceivingStore } from '../../src/store/sql/jobs/open-receiving-store.ts'
import type { OpRunner } from '../../src/store/sql/op.ts'
import { type Listener, openListener } from '../../src/web/listener.ts'
import { openPeerReader } from '../../src/web/receiving/read-peer.ts'
import { hold, reaches } from './hold.ts'
import { configsOf, LANES } from './steps.ts'

const [journal = '', round = '', ...urls] = process.argv.slice(2)
const clock = systemClock()

/** One line, in one write: a kill leaves it whole or out. */
function note(kind: 'start' | 'end', runId: string, notificationId: string): void {
  appendFileSync(journal, `${kind} ${round} ${runId} ${notificationId}\n`)
}

async function openRunnerOf(url: string): Promise<OpRunner & { close(): Promise<void> }> {
  if (url.startsWith('sqlite:')) {
    const { openSqlite } = await import('../../src/store/sqlite/open-sqlite.ts')
    return openSqlite(url.slice('sqlite:'.length))
  }
  const { openPostgres } = await import('../../src/store/postgres/open-postgres.ts')
  return openPostgres(url)
}

/** The store of jobs, with the steps of a run between its transactions. */
function heldJobs(jobs: JobStore): JobStore {
  const configs = new Map<string, string>()
  const configOf = (runId: string) => configs.get(runId) ?? ''
  return {
    ...jobs,
    leaseRuns: async (ask) => {
      const leased = await jobs.leaseRuns(ask)
      for (const { run } of leased) configs.set(run.runId, run.jobConfigId)
      return leased.filter(({ run }) => run.jobConfigId !== 'leased' || !reaches('leased'))
    },
    startRun: async (lease, now) => {
      const answer = await jobs.startRun(lease, now)
      if (configOf(lease.runId) === 'started') await hold('started')
      return answer
    },
    settleRun: async (lease, settlement, now) => {
      if (configOf(lease.runId) === 'ran') await hold('ran')
      const answer = await jobs.settleRun(lease, settlement, now)
      if (configOf(lease.runId) === 'settled') await hold('settled')
      return answer
    },
  }
}

async function openLane(url: string) {
  const opened = await openRunnerOf(url)
  const stores = openReceivingStore(opened)
  const runner = openRunner({
    store: heldJobs(stores.jobs),
    runJob: async (_config, run) => {
      const notificationId = run.message?.properties.NotificationId ?? ''
      note('start', run.runId, notificationId)
      note('end', run.runId, notificationId)
      return { kind: 'succeeded', returnCode: 0, log: '' }
    },
    clock,
    log: silentLog,
  })
  const inbox = openInbox({
    store: stores.inbox,
    classicSession: async ({ jobConfigId }) => {
      if (jobConfigId === 'known') await hold('known')
      return { kind: 'trusted' }
    },
    clock,
    log: silentLog,
    nudgeRunner: runner.nudge,
  })
  const receive: Inbox['receive'] = async (request) => {
    const { jobConfigId } = request
    const readBody: ListenerRequest['readBody'] = async (take, limits) => {
      await request.readBody(take, limits)
      if (jobConfigId === 'read') await hold('read')
    }
    const reply = await inbox.receive({ ...request, readBody })
    if (jobConfigId === 'kept') await hold('kept')
    return reply
  }
  const listener = openListener({
    inbox: { ...inbox, receive },
    peerOf: openPeerReader({ proxies: [], certificateHeader: null, checksAuthorities: false }),
    log: silentLog,
  })
  runner.start(8)
  return { listener, close: () => runner.stop().then(opened.close) }
}

const lanes = await Promise.all(urls.map(openLane))
const listeners = new Map<string, Listener>()
for (const [index, lane] of lanes.entries()) {
  for (const config of configsOf(LANES[index] ?? '')) listeners.set(config, lane.listener)
}
const server = createServer((request, response) => {
  const config = request.url?.split('/')[4] ?? ''
  listeners.get(config)?.answer(request, response)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  writeSync(1, `ready http://127.0.0.1:${port}\n`)
})
process.once('SIGTERM', async () => {
  server.close()
  await Promise.all(lanes.map((lane) => lane.close()))
  process.exit(0)
})
// Whoever started it has ended: nobody would kill it.
process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGKILL'))
