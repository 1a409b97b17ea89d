import { errorText } from '../base/log.ts'
import { unreachable } from '../base/unreachable.ts'
import { type CommandPolicy, commandRefusal } from './command-policy.ts'
import type { JobConfig } from './job-config.ts'
import type { JobRun } from './job-run.ts'
import { type Launcher, openLauncher } from './kinds/launcher.ts'
import type { RunOutcome } from './settle-run.ts'

/** Makes one attempt at a run, and ends it early when `signal` aborts. Never throws. */
export type RunJob = (config: JobConfig, run: JobRun, signal: AbortSignal) => Promise<RunOutcome>

/**
 * Runs jobs of every kind within what the operator allows. `projectFolder` is where they run if
 * they name none.
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

type RunJobPorts = { readonly policy: CommandPolicy; readonly projectFolder: string }

function runKind(
  ports: RunJobPorts & { readonly launcher: Launcher },
  ask: { readonly config: JobConfig; readonly run: JobRun; readonly signal: AbortSignal },
): RunOutcome | Promise<RunOutcome> {
  const { job } = ask.config
  switch (job.kind) {
    case 'command': {
      // Asked again for each run: the operator's list may have become shorter since the config was written.
      const refusal = commandRefusal(ports.policy, job)
      if (refusal !== null) return { kind: 'errored', reason: refusal, log: '' }
      const at = { folder: ports.projectFolder, signal: ask.signal }
      return ports.launcher.run(ask.config, ask.run, at)
    }
    default:
      return unreachable(job.kind)
  }
}
