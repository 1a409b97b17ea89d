import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../base/log.ts'
import { MESSAGE_LENGTH_MAX } from '../../jobs/job-run.ts'
import type { DataCloudUser } from '../../jobs/users/datacloud-user.ts'
import { userOfToken } from '../../jobs/users/login.ts'
import { ApiError } from '../api-error.ts'
import { breakage } from '../error-answer.ts'
import type { DataCloudPorts } from './datacloud-ports.ts'
import { withoutNul } from './read-query.ts'
import { allRoutes } from './route/all-routes.ts'
import type { ApiAsk, ApiRoute } from './route/api-route.ts'

/**
 * DataCloud's API under `/v2/api`: login, users, job configs, jobs. JSON in and out; errors are
 * `{"code", "message"}`. The receiving route `…/sfdc/obm` is the listener's, not this one's.
 */
export function dataCloudRoutes(ports: DataCloudPorts): FastifyPluginAsync {
  return async (app) => {
    await app.register(async (api) => addApi(api, ports), { prefix: '/v2/api' })
  }
}

function addApi(api: FastifyInstance, ports: DataCloudPorts): void {
  api.setErrorHandler((error, request, reply) => answerError(ports.log, error, request, reply))
  api.setNotFoundHandler((request) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    throw new ApiError(404, 'NOT_FOUND', `there is no ${request.method} ${pathname.slice(0, 200)}`)
  })
  const closing = new AbortController()
  api.addHook('preClose', async () => closing.abort())

  const routes = allRoutes(ports)
  takeEmptyJson(api)
  for (const route of routes) if (route.takes !== 'message') add(api, ports, route, closing.signal)
  api.register(async (texts) => {
    takeMessages(texts)
    for (const route of routes) {
      if (route.takes === 'message') add(texts, ports, route, closing.signal)
    }
  })
}

/** Who asks is known before the body is read. */
function add(
  api: FastifyInstance,
  ports: DataCloudPorts,
  route: ApiRoute,
  closing: AbortSignal,
): void {
  const users = new WeakMap<FastifyRequest, DataCloudUser>()
  api.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    onRequest: async (request) => {
      if (route.needs.kind !== 'nothing') users.set(request, await bearer(ports, request))
    },
    handler: async (request, reply) => {
      const ask = readAsk(route, request, AbortSignal.any([closing, goneSignal(reply)]))
      const answer = await route.answer({ ...ask, user: users.get(request) ?? null })
      reply.code(answer.status).headers(answer.headers ?? {})
      if (answer.contentType !== undefined) reply.type(answer.contentType)
      return reply.send(answer.body)
    },
  })
}

function readAsk(route: ApiRoute, request: FastifyRequest, gone: AbortSignal): ApiAsk {
  const known = Object.keys(route.query ?? {})
  const { searchParams } = new URL(request.url, 'http://localhost')
  const query = new Map<string, string>()
  for (const [given, value] of searchParams) {
    const name = given.toLowerCase()
    if (!known.includes(name)) throw unknownParameter(given, known)
    query.set(name, withoutNul(value))
  }
  const parts = Object.entries(request.params as Record<string, string>)
  return {
    parts: new Map(parts.map(([name, value]) => [name, withoutNul(value)])),
    query,
    body: request.body,
    ifMatch: request.headers['if-match'] ?? null,
    gone,
  }
}

/** One that was passed over would be a filter that did not filter. */
function unknownParameter(given: string, known: readonly string[]): ApiError {
  const expected = known.length > 0 ? `one of ${known.join(', ')}` : 'none'
  return new ApiError(
    400,
    'UNKNOWN_PARAMETER',
    `the query parameter ${JSON.stringify(given.slice(0, 100))} is not known here: expected ${expected}`,
  )
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}

/** Many clients name JSON as the type of no body at all. */
function takeEmptyJson(api: FastifyInstance): void {
  const parseJson = api.getDefaultJsonParser('error', 'error')
  const limits = { parseAs: 'string' } as const
  api.addContentTypeParser('application/json', limits, (request, body: string, done) => {
    if (body === '') done(null, undefined)
    else void parseJson(request, body, done)
  })
}

/** A message is kept as it came, whatever it is. */
function takeMessages(api: FastifyInstance): void {
  api.removeAllContentTypeParsers()
  const limits = { parseAs: 'string', bodyLimit: MESSAGE_LENGTH_MAX } as const
  const types = ['text/plain', 'text/xml', 'application/xml', 'application/json']
  api.addContentTypeParser(types, limits, (_request, body, done) => done(null, body))
}

/** Whose token the request carries; 401 if it is nobody's. */
async function bearer(ports: DataCloudPorts, request: FastifyRequest): Promise<DataCloudUser> {
  const token = /^Bearer +([\w~+/.=-]+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) {
    throw new ApiError(401, 'TOKEN_MISSING', 'expected Authorization: Bearer TOKEN of POST /login')
  }
  const user = await userOfToken(ports, token)
  if (user) return user
  throw new ApiError(401, 'TOKEN_INVALID', 'the token is not known or has expired: log in again')
}

function answerError(log: Log, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, errorCode, message } = refusalOf(error) ?? breakage(log, error, request)
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  reply.code(status).type('application/json; charset=utf-8')
  reply.send(JSON.stringify({ code: errorCode, message }))
}

/** What Fastify itself refuses (no JSON, a body too large) has a 4xx `statusCode`. */
function refusalOf(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  const { statusCode, message } = error
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return null
  if (statusCode === 413) return new ApiError(413, 'BODY_TOO_LARGE', message)
  if (statusCode === 415) return new ApiError(415, 'CONTENT_TYPE_NOT_SUPPORTED', message)
  return new ApiError(statusCode, 'BAD_REQUEST', message)
}
