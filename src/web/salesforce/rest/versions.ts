import type { FastifyInstance } from 'fastify'
import { DAILY_API_REQUESTS_MAX } from '../api-usage.ts'
import { identityUrl } from '../oauth/identity.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { addResource, type RestAnswer, type RestCall } from './rest-call.ts'

/** The versions that are listed; others are answered just the same. */
const VERSION_FIRST = 31
const VERSION_LAST = 68

/** Version 31.0 came in Summer '14, and three a year since. */
const RELEASES = ['Summer', 'Winter', 'Spring'] as const
const FIRST_YEAR = 14

/** `/services/data` (no session needed), `/services/data/vNN.0` and `/limits`. */
export function addVersionResources(app: FastifyInstance, ports: SalesforcePorts): void {
  app.get('/services/data', async () => versions())
  addResource(app, ports, '', { GET: (call) => listResources(ports, call) })
  addResource(app, ports, '/limits', { GET: () => limits(ports) })
}

function versions(): unknown {
  const count = VERSION_LAST - VERSION_FIRST + 1
  return Array.from({ length: count }, (_, index) => {
    const version = `${VERSION_FIRST + index}.0`
    // Winter is named for the year to come: Summer '14, Winter '15, Spring '15, Summer '15.
    const year = FIRST_YEAR + Math.floor((index + 2) / 3)
    const label = `${RELEASES[index % 3]} ’${year}`
    return { label, url: `/services/data/v${version}`, version }
  })
}

async function listResources({ org }: SalesforcePorts, call: RestCall): Promise<RestAnswer> {
  const { organizationId } = await org.facts()
  const path = (name: string) => `/services/data/${call.version}/${name}`
  const body = {
    sobjects: path('sobjects'),
    query: path('query'),
    queryAll: path('queryAll'),
    composite: path('composite'),
    limits: path('limits'),
    identity: identityUrl(call.baseUrl, organizationId, call.user.userId),
  }
  return { status: 200, body }
}

async function limits({ usage }: SalesforcePorts): Promise<RestAnswer> {
  const remaining = Math.max(0, DAILY_API_REQUESTS_MAX - usage.usedToday())
  return {
    status: 200,
    body: {
      DailyApiRequests: { Max: DAILY_API_REQUESTS_MAX, Remaining: remaining },
      DailyWorkflowEmails: { Max: 1000, Remaining: 1000 },
      HourlyTimeBasedWorkflow: { Max: 1000, Remaining: 1000 },
    },
  }
}
