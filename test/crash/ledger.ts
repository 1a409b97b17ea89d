import { existsSync, readFileSync } from 'node:fs'
import type { Lane } from './lanes.ts'

/** What was sent to a job config and what came back, by the sender's own books. */
export type Ledger = {
  /** A new message of so many notifications. */
  write(jobConfigId: string, count: number): readonly number[]
  acknowledge(jobConfigId: string, serials: readonly number[]): void
  /** Messages without an Ack: a sender comes again with these. */
  owed(): readonly { readonly jobConfigId: string; readonly serials: readonly number[] }[]
  /** Some notification of the job config that was acknowledged; none yet: nothing. */
  copyOf(jobConfigId: string): readonly number[]
  acknowledged(): readonly { readonly jobConfigId: string; readonly serial: number }[]
}

/** Opens empty books. */
export function openLedger(): Ledger {
  let serial = 0
  const owed = new Map<string, { jobConfigId: string; serials: readonly number[] }>()
  const acknowledged = new Map<string, Set<number>>()
  return {
    write: (jobConfigId, count) => {
      const serials = Array.from({ length: count }, () => {
        serial += 1
        return serial
      })
      owed.set(keyOf(jobConfigId, serials), { jobConfigId, serials })
      return serials
    },
    acknowledge: (jobConfigId, serials) => {
      owed.delete(keyOf(jobConfigId, serials))
      const its = acknowledged.get(jobConfigId) ?? new Set()
      for (const each of serials) its.add(each)
      acknowledged.set(jobConfigId, its)
    },
    owed: () => [...owed.values()],
    copyOf: (jobConfigId) => [...(acknowledged.get(jobConfigId) ?? [])].slice(-1),
    acknowledged: () =>
      [...acknowledged].flatMap(([jobConfigId, its]) =>
        [...its].map((each) => ({ jobConfigId, serial: each })),
      ),
  }
}

function keyOf(jobConfigId: string, [first]: readonly number[]): string {
  return `${jobConfigId} ${first}`
}

/** A program that was started, as its own journal has it. */
export type Start = {
  readonly round: number
  readonly runId: string
  readonly notificationId: string
}

/** Reads the journal that the programs wrote. */
export function readStarts(journal: string): readonly Start[] {
  if (!existsSync(journal)) return []
  return readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('start '))
    .map((line) => {
      const [, round = '', runId = '', notificationId = ''] = line.split(' ')
      return { round: Number(round), runId, notificationId }
    })
}

/** A run as the store has it in the end. */
export type KeptRun = {
  readonly runId: string
  readonly jobConfigId: string
  readonly notificationId: string
  readonly status: string
}

/** Reads all runs of all lanes. */
export async function readRuns(lanes: readonly Lane[]): Promise<readonly KeptRun[]> {
  const found = await Promise.all(
    lanes.map((lane) =>
      lane.ask('SELECT run_id, job_config_id, status, message_properties FROM job_run'),
    ),
  )
  return found.flat().map((row) => {
    const properties = JSON.parse(String(row['message_properties'])) as { NotificationId: string }
    return {
      runId: String(row['run_id']),
      jobConfigId: String(row['job_config_id']),
      notificationId: properties.NotificationId,
      status: String(row['status']),
    }
  })
}
