import type { JobConfig } from '../../../jobs/job-config.ts'
import type { JobRun } from '../../../jobs/job-run.ts'
import { type DataCloudUser, isAllowed, type Right } from '../../../jobs/users/datacloud-user.ts'
import { ApiError } from '../../api-error.ts'
import type { DataCloudPorts } from '../datacloud-ports.ts'
import { readIds } from '../read-query.ts'
import type { ApiAnswer, ApiAsk, ConfigAsk, Guarded, RunAsk, SignedInAsk } from './api-route.ts'

type Answering<Ask> = (ask: Ask) => Promise<ApiAnswer>

/** The only ways to make a route: each asks for what it says that it needs, and only then answers. */
export type Guards = ReturnType<typeof openGuards>

/** Guards over the job configs, jobs and users of a store. */
export function openGuards({ store }: Pick<DataCloudPorts, 'store'>) {
  return {
    anyone: (answer: Answering<ApiAsk>): Guarded => ({ needs: { kind: 'nothing' }, answer }),
    signedIn: (answer: Answering<SignedInAsk>): Guarded =>
      guarded({ kind: 'a token' }, (ask) => answer(ask)),
    viewer: (answer: Answering<SignedInAsk>): Guarded =>
      guarded({ kind: 'view of what is answered' }, (ask) => answer(ask)),
    admin: (answer: Answering<SignedInAsk>): Guarded =>
      guarded({ kind: 'Admin' }, (ask) => {
        requireAdmin(ask.user)
        return answer(ask)
      }),
    adminOrOneself: (answer: Answering<SignedInAsk>): Guarded =>
      guarded({ kind: 'Admin or oneself' }, (ask) => {
        if (ask.user.userId !== ask.parts.get('id')) requireAdmin(ask.user)
        return answer(ask)
      }),
    onAll: (rights: readonly Right[], answer: Answering<SignedInAsk>): Guarded =>
      guarded({ kind: 'rights', rights, of: 'all job configs' }, (ask) => {
        requireRights(ask.user, rights, '*')
        return answer(ask)
      }),
    onConfig: (rights: readonly Right[], answer: Answering<ConfigAsk>): Guarded =>
      guarded({ kind: 'rights', rights, of: 'the job config' }, async (ask) => {
        const config = await existingConfig(store, partOf(ask, 'id'))
        requireRights(ask.user, rights, config.jobConfigId)
        return answer({ ...ask, config })
      }),
    onRun: (rights: readonly Right[], answer: Answering<RunAsk>): Guarded =>
      guarded({ kind: 'rights', rights, of: 'the job' }, async (ask) => {
        const run = await existingRun(store, partOf(ask, 'id'))
        requireRights(ask.user, rights, run.jobConfigId)
        return answer({ ...ask, run })
      }),
    onConfigs: (
      rights: readonly Right[],
      answer: Answering<SignedInAsk & { readonly configs: readonly JobConfig[] }>,
    ): Guarded =>
      guarded({ kind: 'rights', rights, of: 'each listed' }, async (ask) => {
        const ids = readIds(ask)
        const configs = await Promise.all(ids.map((id) => existingConfig(store, id)))
        for (const { jobConfigId } of configs) requireRights(ask.user, rights, jobConfigId)
        return answer({ ...ask, configs })
      }),
    onRuns: (
      rights: readonly Right[],
      answer: Answering<SignedInAsk & { readonly runs: readonly JobRun[] }>,
    ): Guarded =>
      guarded({ kind: 'rights', rights, of: 'each listed' }, async (ask) => {
        const ids = readIds(ask)
        const runs = await Promise.all(ids.map((id) => existingRun(store, id)))
        for (const { jobConfigId } of runs) requireRights(ask.user, rights, jobConfigId)
        return answer({ ...ask, runs })
      }),
  }
}

function guarded(needs: Guarded['needs'], answer: Answering<SignedInAsk>): Guarded {
  return {
    needs,
    answer: async (ask) => {
      const { user } = ask
      if (user === null) throw new Error('a route was reached without the user it needs')
      return answer({ ...ask, user })
    },
  }
}

const REFUSALS: Readonly<Record<Right, string>> = {
  view: 'VIEW_NOT_ALLOWED',
  edit: 'EDIT_NOT_ALLOWED',
  delete: 'DELETE_NOT_ALLOWED',
  execute: 'EXECUTE_NOT_ALLOWED',
}

/** Refuses who lacks one of the rights; `*` asks for it on all job configs. */
export function requireRights(
  user: DataCloudUser,
  rights: readonly Right[],
  jobConfigId: string,
): void {
  const missing = rights.find((right) => !isAllowed(user, right, jobConfigId))
  if (missing === undefined) return
  const which = jobConfigId === '*' ? 'all job configs' : `job config ${jobConfigId}`
  throw new ApiError(
    403,
    REFUSALS[missing],
    `${user.username} may not ${missing} ${which}: ask an Admin for the right`,
  )
}

function requireAdmin(user: DataCloudUser): void {
  if (user.role === 'Admin') return
  throw new ApiError(403, 'ADMIN_REQUIRED', `${user.username} is no Admin: only one may do this`)
}

/** A part of the path that the route names. */
export function partOf(ask: ApiAsk, name: string): string {
  const part = ask.parts.get(name)
  if (part !== undefined) return part
  throw new Error(`the path of this route has no {${name}}`)
}

async function existingConfig(store: DataCloudPorts['store'], id: string): Promise<JobConfig> {
  const config = await store.readConfig(id)
  if (config) return config
  throw noSuchConfig(id)
}

/** 404 for a job config that is not there, or not any more. */
export function noSuchConfig(id: string): ApiError {
  return new ApiError(404, 'JOB_CONFIG_NOT_FOUND', `there is no job config ${shown(id)}`)
}

async function existingRun(store: DataCloudPorts['store'], id: string): Promise<JobRun> {
  const run = await store.readRun(id)
  if (run) return run
  throw new ApiError(404, 'JOB_NOT_FOUND', `there is no job ${shown(id)}`)
}

function shown(id: string): string {
  return JSON.stringify(id.slice(0, 100))
}
