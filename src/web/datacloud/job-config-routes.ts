import type { JobConfig } from '../../jobs/job-config.ts'
import { isAllowed } from '../../jobs/users/datacloud-user.ts'
import type { DataCloudPorts } from './datacloud-ports.ts'
import { openConfigWriter } from './job-config/config-writer.ts'
import { jobConfigView } from './job-config/job-config-view.ts'
import { PAGING, readFlag, readPaging } from './read-query.ts'
import type { ApiRoute } from './route/api-route.ts'
import type { Guards } from './route/guards.ts'
import { pageOfAll } from './route/page.ts'

const IDS = { ids: 'their ids, where there is no body' }

/** `/jobconfigs`. What starts runs, an active job config among it, also needs the right to execute. */
export function jobConfigRoutes(ports: DataCloudPorts, guards: Guards): readonly ApiRoute[] {
  const { store, clock } = ports
  const { viewer, onAll, onConfig, onConfigs } = guards
  const writer = openConfigWriter(ports)
  const remove = async (configs: readonly JobConfig[]) => {
    for (const { jobConfigId } of configs) await store.deleteConfig(jobConfigId, clock.now())
    return { status: 204 }
  }
  return [
    {
      method: 'GET',
      path: '/jobconfigs',
      summary: 'List the job configs that the user may view, by name',
      query: { ...PAGING, active: 'true or false: only those that are, or are not' },
      gives: 'JobConfigPage',
      answers: { 200: 'A page of job configs' },
      ...viewer(async (ask) => {
        const wanted = ask.query.has('active') ? readFlag(ask.query, 'active', true) : null
        const all = (await store.listConfigs()).filter(
          ({ jobConfigId, isActive }) =>
            isAllowed(ask.user, 'view', jobConfigId) && (wanted === null || isActive === wanted),
        )
        const paging = readPaging(ask.query)
        return pageOfAll('/jobconfigs', ask, { ...paging, all, view: jobConfigView })
      }),
    },
    {
      method: 'POST',
      path: '/jobconfigs',
      summary: 'Create a job config',
      takes: 'JobConfig',
      gives: 'JobConfig',
      answers: { 201: 'The job config' },
      ...onAll(['edit'], writer.create),
    },
    {
      method: 'GET',
      path: '/jobconfigs/{id}',
      summary: 'Read a job config',
      gives: 'JobConfig',
      answers: { 200: 'The job config; ETag is its version' },
      ...onConfig(['view'], writer.show),
    },
    {
      method: 'PUT',
      path: '/jobconfigs/{id}',
      summary: 'Replace a job config, all but the secrets that the request does not mention',
      takes: 'JobConfig',
      gives: 'JobConfig',
      answers: { 200: 'The job config' },
      ...onConfig(['edit'], writer.replace),
    },
    {
      method: 'PATCH',
      path: '/jobconfigs/{id}',
      summary: 'Change a job config; what is absent stays as it is',
      takes: 'JobConfig',
      gives: 'JobConfig',
      answers: { 200: 'The job config' },
      ...onConfig(['edit'], writer.amend),
    },
    {
      method: 'DELETE',
      path: '/jobconfigs/{id}',
      summary: 'Delete a job config; what of it waits is cancelled',
      answers: { 204: 'It is gone' },
      ...onConfig(['delete'], async (ask) => {
        await writer.requireVersion(ask)
        return remove([ask.config])
      }),
    },
    {
      method: 'DELETE',
      path: '/jobconfigs/delete',
      summary: 'Delete job configs',
      query: IDS,
      takes: 'RecordIds',
      answers: { 204: 'They are gone' },
      ...onConfigs(['delete'], ({ configs }) => remove(configs)),
    },
    {
      method: 'POST',
      path: '/jobconfigs/{id}/clone',
      summary: 'Copy a job config, with its secrets; the copy is inactive',
      query: { name: 'of the copy; absent: the name there is, with (copy)' },
      gives: 'JobConfig',
      answers: { 201: 'The copy' },
      ...onConfig(['view'], writer.clone),
    },
    ...activationRoutes(ports, guards),
  ]
}

/** Bulk as in DataCloud, and singly. Activating lets what waits run, so it needs both rights. */
function activationRoutes(
  { store, nudgeRunner }: DataCloudPorts,
  { onConfig, onConfigs }: Guards,
): readonly ApiRoute[] {
  const set = async (configs: readonly JobConfig[], isActive: boolean) => {
    for (const { jobConfigId } of configs) await store.activateConfig(jobConfigId, isActive)
    if (isActive) nudgeRunner()
    return configs.map((config) => jobConfigView({ ...config, isActive }))
  }
  const words = [
    ['activate', true, ['edit', 'execute']],
    ['deactivate', false, ['edit']],
  ] as const
  return words.flatMap(([word, isActive, rights]): readonly ApiRoute[] => [
    {
      method: 'PATCH',
      path: `/jobconfigs/${word}`,
      summary: isActive ? 'Activate job configs' : 'Deactivate job configs: their runs wait',
      query: IDS,
      takes: 'RecordIds',
      gives: 'JobConfigs',
      answers: { 200: 'The job configs' },
      ...onConfigs(rights, async ({ configs }) => ({
        status: 200,
        body: await set(configs, isActive),
      })),
    },
    {
      method: 'PATCH',
      path: `/jobconfigs/{id}/${word}`,
      summary: isActive ? 'Activate a job config' : 'Deactivate a job config: its runs wait',
      gives: 'JobConfig',
      answers: { 200: 'The job config' },
      ...onConfig(rights, async ({ config }) => {
        const [view] = await set([config], isActive)
        return { status: 200, body: view }
      }),
    },
  ])
}
