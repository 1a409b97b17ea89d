import type { JobRun } from '../../job-run.ts'
import type { CommandJob } from '../job-kind.ts'

/** All that it takes to run a program once; it crosses to the process that starts programs. */
export type Program = {
  /** The program and its arguments. */
  readonly command: readonly string[]
  readonly folder: string
  /** Environment variables besides those that every program gets. */
  readonly variables: Readonly<Record<string, string>>
  /** What is on its standard input. */
  readonly input: string
  readonly limits: ProgramLimits
}

/** Each ends the program with all that it started, and the attempt has failed. */
export type ProgramLimits = Pick<CommandJob, 'timeoutMs' | 'memoryMbMax' | 'outputMbMax'>

/** The program of one attempt at a run. Pure. `folder` is where it runs if the job names none. */
export function programOf(
  job: CommandJob,
  { run, input, folder }: { readonly run: JobRun; readonly input: string; readonly folder: string },
): Program {
  const { command, workingFolder, timeoutMs, memoryMbMax, outputMbMax } = job
  return {
    command,
    folder: workingFolder ?? folder,
    variables: variablesOf(run),
    input,
    limits: { timeoutMs, memoryMbMax, outputMbMax },
  }
}

function variablesOf(run: JobRun): Readonly<Record<string, string>> {
  const properties = Object.entries(run.message?.properties ?? {})
  return Object.fromEntries([
    ...properties.map(([name, value]) => [`OBM_PROPERTY_${variableName(name)}`, value]),
    ['OBM_RUN_ID', run.runId],
    ['OBM_ATTEMPT', String(run.attemptCount)],
    ['OBM_JOB_CONFIG_ID', run.jobConfigId],
    ['OBM_MESSAGE_NAME', run.message?.name ?? ''],
  ])
}

/** `OrganizationId` becomes `ORGANIZATION_ID`. */
function variableName(property: string): string {
  return property
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
}
