import type { JobKind } from './job-config.ts'

/** Which programs a job may run. The operator's: the API cannot widen it. */
export type CommandPolicy =
  /**
   * Any program in any folder: `obm dev`, where whoever may write a config has the machine anyway.
   */
  | { readonly kind: 'any' }
  | {
      readonly kind: 'listed'
      /** Absolute paths; a command's first word must be one of them, letter by letter. */
      readonly programs: readonly string[]
      /** Absolute paths of folders besides the project's that a job may run in. */
      readonly workingFolders: readonly string[]
    }

/** Why the operator does not let this job run, as a sentence; null if he does. */
export function commandRefusal(policy: CommandPolicy, job: JobKind): string | null {
  if (policy.kind === 'any') return null
  const [program = ''] = job.command
  if (!policy.programs.includes(program)) {
    return `the program ${JSON.stringify(program)} is not among those this installation runs (obm.config.json, jobs.programs): ${listed(policy.programs)}`
  }
  if (job.workingFolder !== null && !policy.workingFolders.includes(job.workingFolder)) {
    return `the folder ${JSON.stringify(job.workingFolder)} is not among those this installation runs jobs in (obm.config.json, jobs.workingFolders): ${listed(policy.workingFolders)}`
  }
  return null
}

function listed(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : 'there are none'
}
