import type { DataCloudPorts } from '../datacloud-ports.ts'
import { fieldListRoutes } from '../field-list-routes.ts'
import { jobConfigRoutes } from '../job-config-routes.ts'
import { jobRoutes } from '../jobs/job-routes.ts'
import { outMessageRoutes } from '../jobs/out-message-routes.ts'
import { startRoutes } from '../jobs/start-routes.ts'
import { refusalRoutes } from '../refusal-routes.ts'
import { loginRoutes } from '../users/login-routes.ts'
import { userRoutes } from '../users/user-routes.ts'
import type { ApiRoute } from './api-route.ts'
import { openGuards } from './guards.ts'
import { openApi } from './open-api.ts'

/** Every route of DataCloud's API, `openapi.json` among them: whatever is not here is not answered. */
export function allRoutes(ports: DataCloudPorts): readonly ApiRoute[] {
  const guards = openGuards(ports)
  const routes = [
    ...loginRoutes(ports, guards),
    ...userRoutes(ports, guards),
    ...jobConfigRoutes(ports, guards),
    ...fieldListRoutes(ports, guards),
    ...startRoutes(ports, guards),
    ...jobRoutes(ports, guards),
    ...outMessageRoutes(guards),
    ...refusalRoutes(ports, guards),
  ]
  const description: ApiRoute = {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description',
    answers: { 200: 'OpenAPI 3.1' },
    gives: 'OpenApi',
    ...guards.anyone(async () => ({ status: 200, body: document })),
  }
  const document = openApi([...routes, description])
  return [...routes, description]
}
