import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { SessionUser } from '../salesforce/org-api.ts'
import { parseJsonObject } from '../salesforce/rest/json-body.ts'
import { readRawBodies } from '../salesforce/salesforce-routes.ts'
import { headerToken, requireSetup, searchParams, signIn } from '../salesforce/sign-in.ts'
import { answerSetupErrors } from './answer-setup-errors.ts'
import { setupLanes } from './outbox/setup-lanes.ts'
import { setupOutbox } from './outbox/setup-outbox.ts'
import { setupRuns } from './runs/setup-runs.ts'
import { setupDefinitions } from './setup-definitions.ts'
import { setupEmails } from './setup-emails.ts'
import type { SetupPorts } from './setup-ports.ts'
import type { SetupRoute } from './setup-route.ts'
import { setupTimeQueue } from './setup-time-queue.ts'
import { setupAttempts } from './watching/setup-attempts.ts'
import { setupHealth } from './watching/setup-health.ts'
import { setupStory } from './watching/setup-story.ts'
import { setupTraces } from './watching/setup-traces.ts'

/**
 * `/setup/api/…`: what the console and `obm` read and do. Needs a session (401 INVALID_SESSION_ID) of a user
 * with the permission CustomizeApplication (403 INSUFFICIENT_ACCESS). Errors are `{"message","errorCode"}`,
 * instants ISO 8601 in UTC.
 */
export function setupRoutes(ports: SetupPorts): FastifyPluginAsync {
  return async (app) => {
    readRawBodies(app, ports.bodies)
    answerSetupErrors(app, ports.log)
    const routes = [
      ...setupDefinitions(ports),
      ...setupOutbox(ports),
      ...setupLanes(ports),
      ...setupAttempts(ports),
      ...setupRuns(ports),
      ...setupEmails(ports),
      ...setupTimeQueue(ports),
      ...setupStory(ports),
      ...setupHealth(ports),
      ...setupTraces(ports),
    ]
    for (const route of routes) addRoute(app, ports, route)
  }
}

function addRoute(app: FastifyInstance, { org }: SetupPorts, route: SetupRoute): void {
  const users = new WeakMap<FastifyRequest, SessionUser>()
  app.route({
    method: route.method,
    url: `/setup/api${route.path}`,
    onRequest: async (request) => {
      const user = await signIn(org, headerToken(request))
      requireSetup(user)
      users.set(request, user)
    },
    async handler(request, reply) {
      const user = users.get(request)
      if (!user) throw new Error('a request is answered before its user signed in')
      const hasBody = Buffer.isBuffer(request.body) && request.body.length > 0
      const answer = await route.answer({
        userId: user.userId,
        username: user.username,
        query: searchParams(request),
        parts: request.params as Readonly<Record<string, string>>,
        body: hasBody ? parseJsonObject(request.body, 'the request') : {},
      })
      return reply.header('cache-control', 'no-store').send(answer)
    },
  })
}
