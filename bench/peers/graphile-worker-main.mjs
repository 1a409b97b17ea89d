// One job a notification, one POST a job, on graphile-worker with its documented settings for speed.
import { Logger, run } from 'graphile-worker'
import { answerParent } from '../support/child.ts'
import { jobsOf, openDatabase, openDelivery } from './delivery.mjs'

const CONNECTIONS = 16
let pool
let runner

answerParent(async (ask) => {
  if (ask.kind === 'queue') {
    if (!pool) {
      pool = await openDatabase(ask.databaseUrl, CONNECTIONS + 4)
      const deliver = openDelivery(pool, ask.endpointUrl, CONNECTIONS)
      // Its tables are there once it has run.
      const start = () =>
        run({
          preset: {
            worker: {
              concurrentJobs: CONNECTIONS,
              pollInterval: 1000,
              localQueue: { size: 500 },
              completeJobBatchDelay: 0,
              failJobBatchDelay: 0,
              logger: new Logger(() => () => {}),
            },
          },
          pgPool: pool,
          noHandleSignals: true,
          parsedCronItems: [],
          taskList: { tell: deliver },
        })
      runner = { start, running: await start() }
    }
    await runner.running?.stop()
    runner.running = null
    await pool.query(
      `SELECT graphile_worker.add_job('tell', job.value) FROM json_array_elements($1::json) AS job`,
      [JSON.stringify(jobsOf(ask.count))],
    )
    return { queued: ask.count }
  }
  runner.running = await runner.start()
  return { queued: 0 }
})
