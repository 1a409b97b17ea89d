// One job a notification, one POST a job, on pg-boss: batches are fetched, their jobs delivered side by side.
import { PgBoss } from 'pg-boss'
import { answerParent } from '../support/child.ts'
import { jobsOf, openDatabase, openDelivery } from './delivery.mjs'

const CONNECTIONS = 16
const QUEUE = 'tell'
/** Two workers, so that one delivers while the other fetches. */
const WORKERS = 2
const WORK = {
  batchSize: 100,
  localConcurrency: WORKERS,
  pollingIntervalSeconds: 0.5,
}
let boss
let deliver
let isWorking = false

answerParent(async (ask) => {
  if (ask.kind === 'queue') {
    if (!boss) {
      const pool = await openDatabase(ask.databaseUrl, CONNECTIONS)
      deliver = openDelivery(pool, ask.endpointUrl, CONNECTIONS)
      boss = new PgBoss({ connectionString: ask.databaseUrl, max: 8 })
      boss.on('error', (error) => console.error(error))
      await boss.start()
      await boss.createQueue(QUEUE)
    }
    if (isWorking) await boss.offWork(QUEUE)
    isWorking = false
    await boss.insert(
      QUEUE,
      jobsOf(ask.count).map((data) => ({ data })),
    )
    return { queued: ask.count }
  }
  isWorking = true
  await boss.work(QUEUE, WORK, async (jobs) => {
    await inTurn(jobs, CONNECTIONS / WORKERS, ({ data }) => deliver(data))
  })
  return { queued: 0 }
})

async function inTurn(jobs, atOnce, work) {
  const left = [...jobs]
  const walk = async () => {
    for (let job = left.shift(); job; job = left.shift()) await work(job)
  }
  await Promise.all(Array.from({ length: atOnce }, walk))
}
