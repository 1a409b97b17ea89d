import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Planned, plannedPostgres, plannedSqlite } from '../../../../../test/support/plans.ts'
import { NOON, ownRuns } from '../../../../../test/support/receiving.ts'
import { acceptAll } from '../accept.ts'
import { packAcceptances } from '../pack-acceptances.ts'
import { settleRun } from '../settle-runs.ts'
import { leaseRuns } from './lease-runs.ts'

/** Rows 1 to `count`, each as the expression that `select` says of `n`. */
function numbered(name: string, count: number, into: string): string {
  const rows = `WITH RECURSIVE ${name} (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM ${name} WHERE n < ${count})`
  return into.replace('SELECT', `${rows} SELECT`).replace('$', name)
}

const FEATURES = `status, submitted_by, queued_at, due_at, record_key, line_id, line_seq`

/** Two thousand job configs, most of them idle; a hundred with some runs; one with a long backlog, all of one record. */
const FILLED: readonly string[] = [
  numbered(
    'c',
    2_000,
    `INSERT INTO job_config (job_config_id, name, is_active, body)
      SELECT 'config' || n, 'Config', 1, '{}' FROM $`,
  ),
  numbered('p', 2_000, `INSERT INTO job_pace (job_config_id) SELECT 'config' || n FROM $`),
  numbered(
    'd',
    8_000,
    `INSERT INTO job_run (run_id, job_config_id, ${FEATURES}, finished_at)
      SELECT 'done' || n, 'config' || (1 + n % 2000), 'FINISHED', 'obm', ${NOON}, ${NOON}, NULL, NULL, NULL, ${NOON}
      FROM $`,
  ),
  numbered(
    'q',
    500,
    `INSERT INTO job_run (run_id, job_config_id, ${FEATURES})
      SELECT 'some' || n, 'config' || (1 + n % 100), 'QUEUED', 'obm', ${NOON}, ${NOON}, NULL, NULL, NULL FROM $`,
  ),
  numbered(
    'b',
    8_000,
    `INSERT INTO job_run (run_id, job_config_id, ${FEATURES})
      SELECT 'long' || n, 'config7', 'QUEUED', 'obm', ${NOON}, ${NOON}, NULL, NULL, NULL FROM $`,
  ),
  numbered(
    's',
    8_000,
    `INSERT INTO job_run (run_id, job_config_id, ${FEATURES})
      SELECT 'line' || n, 'config8', 'SEQUENCED', 'obm', ${NOON}, ${NOON}, 'r', 'r/config8', n + 1 FROM $`,
  ),
  numbered(
    'l',
    20_000,
    `INSERT INTO run_line (line_id, job_config_id, head_run_id, last_seq)
      SELECT 'r' || n || '/config9', 'config9', 'x', 1 FROM $`,
  ),
  numbered(
    't',
    20_000,
    `INSERT INTO record_stamp (stamp_id, stamp_field, accepted_stamp, seen_day)
      SELECT 'r' || n || '/config9', 'SystemModstamp', ${NOON}, 1 FROM $`,
  ),
  `INSERT INTO run_line (line_id, job_config_id, head_run_id, last_seq)
    VALUES ('r/config8', 'config8', 'head', 8001)`,
  `INSERT INTO job_run (run_id, job_config_id, ${FEATURES}, lease_token, leased_until, stamp_field, stamp_at)
    VALUES ('head', 'config8', 'RUNNING', 'obm', ${NOON}, ${NOON}, 'r', 'r/config8', 1,
      't', 9000000000000, 'SystemModstamp', ${NOON})`,
]

const LEASE = {
  token: 't2',
  limit: 8,
  limitPerConfig: 6,
  held: {},
  now: NOON,
  leaseMs: 30_000,
  after: 'config42',
}

const STORES: readonly [string, (t: TestContext) => Promise<Planned> | Planned][] = [
  ['SQLite', plannedSqlite],
  ['PostgreSQL', plannedPostgres],
]

/** A walk over runs, or over job configs, on either store. Leased runs are few: their index may be walked. */
const WALK =
  /SCAN (job_run|job_config|q|d|r|c)\b(?!.*job_run_leased)|Seq Scan on (job_run|job_config|run_line|record_stamp)\b/

for (const [name, openPlanned] of STORES) {
  test(`${name}: a lease, an Ack and an end walk over neither the backlog nor the job configs`, async (t) => {
    const planned = await openPlanned(t)
    await planned.fill(FILLED)
    const asks = [
      await planned.plansOf(leaseRuns, LEASE),
      await planned.plansOf(settleRun, {
        lease: { runId: 'head', token: 't' },
        settlement: { kind: 'finished', returnCode: 0, log: '' },
        now: NOON,
      }),
      await planned.plansOf(
        acceptAll,
        packAcceptances([
          {
            jobConfigId: 'config8',
            organizationId: 'o',
            receivedAt: NOON,
            skipsStale: false,
            ...ownRuns([
              {
                notificationId: 'n',
                runId: 'new',
                message: { name: 'm', body: '<a/>', properties: {} },
                place: {
                  recordKey: 'r',
                  lineId: 'r/config8',
                  stamp: { field: 'SystemModstamp', at: NOON },
                  isOwnChange: false,
                },
              },
            ]),
          },
        ]),
      ),
    ]

    for (const plans of asks) {
      assert.ok(plans.length > 2)
      for (const { sql, text } of plans) assert.doesNotMatch(text, WALK, `${sql}\n${text}`)
    }
    const blocks = asks.flat().map(({ blocks }) => blocks)
    assert.ok(Math.max(...blocks) < 2_000, `expected few blocks, found ${blocks}`)
  })
}
