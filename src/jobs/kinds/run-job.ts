import { errorText } from '../../base/log.ts'
import { unreachable } from '../../base/unreachable.ts'
import { writeMessageJson } from '../../wire/dj-message/write-message-json.ts'
import type { JobConfig } from '../job-config.ts'
import type { JobRun } from '../job-run.ts'
import type { RunOutcome } from '../settle-run.ts'
import { type Launcher, openLauncher } from './command/launcher.ts'
import { programOf } from './command/program.ts'
import { type HttpJobPorts, runHttp } from './http/run-http.ts'
import { type JobPolicy, jobRefusal } from './job-policy.ts'

/** Makes one attempt at a run, and ends it early when `signal` aborts. Never throws. */
export type RunJob = (config: JobConfig, run: JobRun, signal: AbortSignal) => Promise<RunOutcome>

type RunJobPorts = HttpJobPorts & {
  readonly policy: JobPolicy
  readonly projectFolder: string
}

/**
 * Runs jobs of every kind within what the operator allows. `projectFolder` is where programs run if
 * their config names no folder.
 */
export function openRunJob(ports: RunJobPorts): RunJob {
  const launcher = openLauncher()
  return async (config, run, signal) => {
    try {
      return await runKind({ ...ports, launcher }, { config, run, signal })
    } catch (error) {
      return { kind: 'errored', reason: errorText(error), log: '' }
    }
  }
}

function runKind(
  ports: RunJobPorts & { readonly launcher: Launcher },
  ask: { readonly config: JobConfig; readonly run: JobRun; readonly signal: AbortSignal },
): RunOutcome | Promise<RunOutcome> {
  const { config, run, signal } = ask
  const { job } = config
  // Asked again for each run: the operator's list may have become shorter since the config was written.
  const refusal = jobRefusal(ports.policy, job)
  if (refusal !== null) return { kind: 'errored', reason: refusal, log: '' }
  switch (job.kind) {
    case 'command': {
      const input = job.input === 'json' ? jsonOf(config, run) : (run.message?.body ?? '')
      return ports.launcher.run(programOf(job, { run, input, folder: ports.projectFolder }), signal)
    }
    case 'http':
      return runHttp(ports, { job, run, json: jsonOf(config, run) }, signal)
    default:
      return unreachable(job)
  }
}

/** The message as the text of one JSON value, typed as the job wants it; `null` where there is none. */
function jsonOf({ job, fieldLists }: JobConfig, { message }: JobRun): string {
  return message ? writeMessageJson(message, { typed: job.typed, fieldLists }) : 'null'
}
