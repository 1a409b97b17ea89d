import { openGuard } from '../../src/egress/guard.ts'
import { openHttp } from '../../src/egress/post.ts'
import { EVENT_TYPE, type HttpJob } from '../../src/jobs/kinds/job-kind.ts'
import type { JobPolicy } from '../../src/jobs/kinds/job-policy.ts'
import { openRunJob, type RunJob } from '../../src/jobs/kinds/run-job.ts'
import { testClock } from './test-clock.ts'

/** A job that posts JSON, unsigned, to where nobody listens. */
export const HTTP_JOB: HttpJob = {
  kind: 'http',
  url: 'http://127.0.0.1:1/',
  format: 'json',
  typed: false,
  headers: {},
  signingSecrets: [],
  timeoutMs: 5_000,
  eventType: EVENT_TYPE,
}

/** Runs jobs of every kind, in the temporary folder and to this machine; all that they ask unless the test says so. */
export function openTestRunJob(policy: JobPolicy = { kind: 'any' }): RunJob {
  return openRunJob({
    policy,
    projectFolder: '/tmp',
    http: openHttp({ guard: openGuard({ allow: ['loopback'] }) }),
    clock: testClock(),
  })
}
