import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../base/log.ts'
import { userOfToken } from '../../jobs/datacloud-users.ts'
import type { DataCloudUser } from '../../jobs/job-store.ts'
import { ApiError } from '../api-error.ts'
import { breakage } from '../error-answer.ts'
import type { DataCloudPorts, SignedInPorts } from './datacloud-ports.ts'
import { addJobConfigs } from './job-configs.ts'
import { addJobs } from './jobs.ts'
import { addLogin } from './login.ts'

/**
 * DataCloud's API under `/v2/api`: login, job configs, jobs. JSON in and out; errors are
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
  takeEmptyJson(api)
  addLogin(api, ports)
  api.register(async (signedIn) => {
    const users = new WeakMap<FastifyRequest, DataCloudUser>()
    signedIn.addHook('onRequest', async (request) => {
      users.set(request, await bearer(ports, request))
    })
    const withUser: SignedInPorts = {
      ...ports,
      userOf: (request) => {
        const user = users.get(request)
        if (user) return user
        throw new Error('asked for the user of a request that was let in without one')
      },
    }
    addJobConfigs(signedIn, withUser)
    addJobs(signedIn, withUser)
  })
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
  reply.code(status).send({ code: errorCode, message })
}

/** What Fastify itself refuses (no JSON, a body too large) has a 4xx `statusCode`. */
function refusalOf(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  const { statusCode, message } = error
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return null
  return new ApiError(statusCode, 'BAD_REQUEST', message)
}
