import type { Instant } from '../../../base/clock.ts'
import { JOB_STATUSES, type JobStatus } from '../../../jobs/job-run.ts'
import type { RunFilter } from '../../../jobs/job-store.ts'
import { DEAD_STATUSES } from '../../../jobs/submitting/replay-runs.ts'
import { agoOf, idOf, invalid, textOf } from '../setup-values.ts'

const FILTERS = ['jobConfigId', 'status', 'recordId', 'since', 'until'] as const

type Said = Readonly<Record<string, unknown>>

/** Which runs a request means: all, where it says nothing. */
export function readRunFilter(said: Said, now: Instant): RunFilter {
  const jobConfigId = textOf(said.jobConfigId, 'jobConfigId')
  const statuses = statusesOf(textOf(said.status, 'status'))
  const recordId = idOf(said.recordId, 'recordId')
  const since = agoOf(said.since, 'since', now)
  const until = agoOf(said.until, 'until', now)
  return {
    ...(jobConfigId !== undefined && { jobConfigIds: [jobConfigId] }),
    ...(statuses && { statuses }),
    ...(recordId && { recordId }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  }
}

/**
 * The same for what is to be done to them: one name at least, or `all`, and none that nothing has, so that no run
 * is meant by mistake.
 */
export function readAsked(said: Said, now: Instant): RunFilter {
  const names = Object.keys(said).filter((name) => name !== 'all')
  const unknown = names.find((name) => !FILTERS.some((each) => each === name))
  if (unknown !== undefined) throw invalid(`${unknown} is none of ${FILTERS.join(', ')}, all`)
  if (names.length === 0 && said.all !== true) {
    throw invalid(`expected one of ${FILTERS.join(', ')}, or "all": true`)
  }
  if (names.length > 0 && said.all !== undefined) {
    throw invalid('"all" means every one, and takes nothing that narrows it')
  }
  return readRunFilter(said, now)
}

function statusesOf(text: string | undefined): readonly JobStatus[] | null {
  if (text === undefined) return null
  return text.split(',').flatMap((each): readonly JobStatus[] => {
    const name = each.trim().toUpperCase()
    if (name === 'DEAD') return DEAD_STATUSES
    const status = JOB_STATUSES.find((known) => known === name)
    if (status) return [status]
    throw invalid(`status should be some of ${JOB_STATUSES.join(', ')}, or dead`)
  })
}
