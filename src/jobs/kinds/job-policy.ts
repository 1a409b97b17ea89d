import { maskUrl } from '../../base/secrets/mask-url.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { CommandJob, HttpJob, JobKind } from './job-kind.ts'
import { isUrlListed } from './listed-urls.ts'

/** What jobs may do. The operator's: the API cannot widen it. */
export type JobPolicy =
  /** All of it: `obm dev`, where whoever may write a config has the machine anyway. */
  | { readonly kind: 'any' }
  | {
      readonly kind: 'listed'
      /** Absolute paths; a command's first word must be one of them, letter by letter. */
      readonly programs: readonly string[]
      /** Absolute paths of folders besides the project's that a command may run in. */
      readonly workingFolders: readonly string[]
      /** Where http jobs may post to, as `isUrlListed` reads them. */
      readonly urls: readonly string[]
    }

type Lists = JobPolicy & { readonly kind: 'listed' }

/** Why the operator does not let this job run, as a sentence; null if he does. */
export function jobRefusal(policy: JobPolicy, job: JobKind): string | null {
  if (policy.kind === 'any') return null
  switch (job.kind) {
    case 'command':
      return commandRefusal(policy, job)
    case 'http':
      return urlRefusal(policy, job)
    default:
      return unreachable(job)
  }
}

function commandRefusal({ programs, workingFolders }: Lists, job: CommandJob): string | null {
  const [program = ''] = job.command
  if (!programs.includes(program)) {
    return `the program ${JSON.stringify(program)} is not among those this installation runs (obm.config.json, jobs.programs): ${listed(programs)}`
  }
  if (job.workingFolder !== null && !workingFolders.includes(job.workingFolder)) {
    return `the folder ${JSON.stringify(job.workingFolder)} is not among those this installation runs jobs in (obm.config.json, jobs.workingFolders): ${listed(workingFolders)}`
  }
  return null
}

function urlRefusal({ urls }: Lists, { url }: HttpJob): string | null {
  if (isUrlListed(urls, url)) return null
  return `${JSON.stringify(maskUrl(url))} is not among the URLs this installation posts to (obm.config.json, jobs.urls): ${listed(urls)}`
}

function listed(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : 'there are none'
}
