import { SECOND_MS } from '../base/clock.ts'
import type { JobConfig } from '../jobs/job-config.ts'
import { RUN_PERS, runPerMistake } from '../jobs/ordering/run-per.ts'
import { DEFAULT_LIMITS, limitsMistake, type RunLimits } from '../jobs/run-limits.ts'
import { tryRecordId } from '../schema/record-id.ts'
import type { ConfigReader } from './config-reader.ts'

const ORDERINGS = ['none', 'record', 'config'] as const
const STALE_CHANGES = ['flag', 'skip'] as const

/** How the runs of one of `jobConfigs` stand to each other, and how many go at once. */
export type JobOrderConfig = Pick<
  JobConfig,
  'ordering' | 'staleChanges' | 'ownUserIds' | 'runPer' | 'limits'
>

/** Reads that part of a job config. */
export function readJobOrder(job: ConfigReader): JobOrderConfig {
  const order: JobOrderConfig = {
    ordering: oneOf(job, 'ordering', ORDERINGS),
    staleChanges: oneOf(job, 'staleChanges', STALE_CHANGES),
    ownUserIds: job.list('ownUserIds').map((text) => {
      const id = tryRecordId(text)
      if (id?.startsWith('005')) return id
      throw job.mistake('ownUserIds', 'ids of users (005…) of 15 or 18 characters', text)
    }),
    runPer: oneOf(job, 'runPer', RUN_PERS),
    limits: readLimits(job.part('limits')),
  }
  const mistake = runPerMistake(order)
  if (mistake !== null) throw job.mistake('runPer', mistake, order.runPer)
  return order
}

/** The first of the known words where none is given. */
function oneOf<T extends string>(job: ConfigReader, name: string, known: readonly [T, ...T[]]): T {
  const text = job.text(name, known[0])
  const found = known.find((each) => each === text)
  if (found !== undefined) return found
  throw job.mistake(name, `one of ${known.join(', ')}`, text)
}

function readLimits(part: ConfigReader): RunLimits {
  const ms = (name: string, byDefault: number) =>
    Math.round(part.number(name, byDefault / SECOND_MS) * SECOND_MS)
  const retryFirstMs = ms('retryFirstSeconds', DEFAULT_LIMITS.retryFirstMs)
  const limits: RunLimits = {
    concurrencyMax: part.optionalNumber('concurrencyMax'),
    ratePerSecond: part.optionalNumber('ratePerSecond'),
    retryFirstMs,
    retryMaxMs: ms('retryMaxSeconds', Math.max(DEFAULT_LIMITS.retryMaxMs, retryFirstMs)),
  }
  const mistake = limitsMistake(limits)
  if (mistake === null) return limits
  const name = mistake.name.replace(/Ms$/, 'Seconds')
  const unit = name === mistake.name ? '' : ' milliseconds'
  throw part.mistake(name, `${mistake.expected}${unit}`, limits[mistake.name])
}
