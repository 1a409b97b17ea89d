import { DAY_MS } from '../../../base/clock.ts'
import type {
  HealthFacts,
  HealthStore,
  LaneHealth,
  ProcessView,
} from '../../../health/health-store.ts'
import {
  type Dialect,
  defineOp,
  type NamedOp,
  type Op,
  type OpRunner,
  oneRow,
  rows,
  run,
} from '../op.ts'
import { FIRST_DUE } from '../outbox/lane-sql.ts'

/** A process that was not seen for so long is forgotten. */
const FORGOTTEN_MS = DAY_MS

/** So many waiting notifications are counted over all, and as many of one outbound message as the port says. */
const COUNTED_IN_ALL = 200_000
const COUNTED_MAX = 10_000
const COUNTED_MIN = 100

/** Writes down that a process lives. */
const beat = defineOp(
  'health.beat',
  function* (d: Dialect, process: Omit<ProcessView, 'seenAgoMs'>): Op<void> {
    yield* run(
      `INSERT INTO process (process_id, owner, roles, seen_at, turned_at)
        VALUES (?, ?, ?, ${d.nowMs}, ${d.nowMs} - ?)
        ON CONFLICT (process_id) DO UPDATE
          SET seen_at = excluded.seen_at, turned_at = excluded.turned_at`,
      process.processId,
      process.owner,
      process.roles.join(','),
      process.turnedAgoMs,
    )
    yield* run(`DELETE FROM process WHERE seen_at < ${d.nowMs} - ?`, FORGOTTEN_MS)
  },
)

/** Forgets a process that ends. */
const leave = defineOp(
  'health.leave',
  function* (_: Dialect, ask: { readonly processId: string }): Op<void> {
    yield* run('DELETE FROM process WHERE process_id = ?', ask.processId)
  },
)

/** Reads which processes were seen lately, the last seen first. */
const processes = defineOp('health.processes', function* (d: Dialect): Op<readonly ProcessView[]> {
  return yield* readProcesses(d)
})

function* readProcesses(d: Dialect): Op<readonly ProcessView[]> {
  const found = yield* rows(
    `SELECT process_id, owner, roles, ${d.nowMs} - seen_at AS seen_ago, ${d.nowMs} - turned_at AS turned_ago
      FROM process ORDER BY seen_at DESC`,
  )
  return found.map((row) => ({
    processId: row.process_id as string,
    owner: row.owner as string,
    roles: (row.roles as string).split(','),
    seenAgoMs: row.seen_ago as number,
    turnedAgoMs: row.turned_ago as number | null,
  }))
}

/** Reads how things go, from the ends of indexes: no queue is walked through, however long. */
const facts = defineOp('health.facts', function* (d: Dialect): Op<HealthFacts> {
  const others = yield* oneRow(
    `SELECT
        (SELECT count(*) FROM (SELECT 1 FROM notification WHERE state = 'expired' LIMIT ${COUNTED_MAX}) e)
          AS dead_letters,
        (SELECT due_at FROM email WHERE state = 'waiting' AND lease_token IS NULL
          ORDER BY due_at, email_id LIMIT 1) AS email_due_at,
        (SELECT attempt_at FROM time_entry WHERE state = 'pending'
          ORDER BY attempt_at, entry_id LIMIT 1) AS entry_due_at,
        (SELECT min((SELECT r.due_at FROM job_run r
            WHERE r.job_config_id = c.job_config_id AND r.status = 'QUEUED' ORDER BY r.due_at LIMIT 1))
          FROM job_config c WHERE c.is_active = 1) AS run_due_at`,
  )
  return {
    lanes: yield* readLanes(),
    deadLetterCount: (others?.dead_letters ?? 0) as number,
    emailDueAt: (others?.email_due_at ?? null) as number | null,
    timeEntryDueAt: (others?.entry_due_at ?? null) as number | null,
    runDueAt: (others?.run_due_at ?? null) as number | null,
    processes: yield* readProcesses(d),
  }
})

function* readLanes(): Op<readonly LaneHealth[]> {
  const messageCount = yield* oneRow('SELECT count(*) AS messages FROM lane_message')
  const share = Math.floor(COUNTED_IN_ALL / Math.max(1, (messageCount?.messages ?? 0) as number))
  const counted = Math.max(COUNTED_MIN, Math.min(COUNTED_MAX, share))
  const found = yield* rows(
    `SELECT l.lane_id, l.endpoint_url, l.held_at, l.probe_at, l.failure_count,
        (SELECT count(*) FROM lane_slot s WHERE s.lane_id = l.lane_id AND s.lease_token IS NOT NULL)
          AS leased_count,
        m.outbound_message_id, m.held_at AS message_held_at, ${FIRST_DUE} AS due_at,
        (SELECT n.created_at FROM notification n
          WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting'
          ORDER BY n.expires_at LIMIT 1) AS oldest_created_at,
        (SELECT count(*) FROM (SELECT 1 FROM notification n
          WHERE n.outbound_message_id = m.outbound_message_id AND n.state = 'waiting'
          LIMIT ${counted}) c) AS waiting_count
      FROM lane l LEFT JOIN lane_message m ON m.lane_id = l.lane_id ORDER BY l.lane_id`,
  )
  return [...Map.groupBy(found, (row) => row.lane_id).values()].flatMap((messages) => {
    const [lane] = messages
    if (!lane) return []
    const sendable = messages.filter((row) => row.message_held_at === null)
    return {
      endpointUrl: lane.endpoint_url as string,
      isHeld: lane.held_at !== null || sendable.length === 0,
      probeAt: lane.probe_at as number | null,
      failureCount: lane.failure_count as number,
      leasedCount: lane.leased_count as number,
      dueAt: least(sendable.map((row) => row.due_at as number | null)),
      oldestCreatedAt: least(messages.map((row) => row.oldest_created_at as number | null)),
      waitingCount: messages.reduce((sum, row) => sum + (row.waiting_count as number), 0),
    }
  })
}

function least(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((each) => each !== null)
  return known.length > 0 ? Math.min(...known) : null
}

/** The ops of this folder, for the registry. */
export const HEALTH_OPS: readonly NamedOp<never, unknown>[] = [beat, leave, processes, facts]

/** Health over either store. */
export function openHealthStore(runner: OpRunner): HealthStore {
  return {
    beat: (process) => runner.write(beat, process),
    leave: (processId) => runner.write(leave, { processId }),
    processes: () => runner.read(processes, undefined),
    facts: () => runner.read(facts, undefined),
  }
}
