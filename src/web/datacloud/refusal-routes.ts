import type { Refusal } from '../../jobs/refusal.ts'
import type { DataCloudPorts } from './datacloud-ports.ts'
import { PAGING, readPaging } from './read-query.ts'
import type { ApiRoute } from './route/api-route.ts'
import type { Guards } from './route/guards.ts'
import { pageOfAll } from './route/page.ts'

/** `/jobconfigs/{id}/refusals`: ours, DataCloud has no such thing. */
export function refusalRoutes(
  { store }: Pick<DataCloudPorts, 'store'>,
  { onConfig }: Guards,
): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/jobconfigs/{id}/refusals',
      summary: 'List why messages to a job config were refused, the newest cause first',
      query: PAGING,
      gives: 'MessageRefusalPage',
      answers: { 200: 'A page of causes, each with the last message that it refused' },
      ...onConfig(['view'], async (ask) => {
        const { jobConfigId } = ask.config
        const path = `/jobconfigs/${encodeURIComponent(jobConfigId)}/refusals`
        const all = await store.listRefusals(jobConfigId)
        return pageOfAll(path, ask, { ...readPaging(ask.query), all, view: refusalView })
      }),
    },
  ]
}

function refusalView({ jobConfigId: _, errorCode, firstAt, lastAt, ...rest }: Refusal) {
  const [first, last] = [firstAt, lastAt].map((at) => new Date(at).toISOString())
  return { code: errorCode, first, last, ...rest }
}
