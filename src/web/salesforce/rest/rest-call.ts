import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../api-error.ts'
import { baseUrlOf } from '../base-url.ts'
import type { SessionUser } from '../org-api.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { headerToken, searchParams, signIn } from '../sign-in.ts'

/** One signed-in request under `/services/data/vNN.0`. */
export type RestCall = {
  readonly user: SessionUser
  /** As in the path: `v64.0`. */
  readonly version: string
  readonly baseUrl: string
  readonly query: URLSearchParams
  /** Bytes, gzip undone; undefined without a body. */
  readonly body: unknown
  /** A part of the path by its name in the route, decoded. */
  part(name: string): string
  header(name: string): string | null
}

export type RestAnswer = {
  readonly status: number
  /** Written as JSON; absent for an empty answer. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
const METHODS: readonly Method[] = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE']

export type Answers = Partial<Record<Method, (call: RestCall) => Promise<RestAnswer>>>

const users = new WeakMap<FastifyRequest, SessionUser>()

/**
 * Adds a resource below `/services/data/vNN.0`: its methods' answers, and 405 for the others. The session
 * is looked up before the body is read.
 */
export function addResource(
  app: FastifyInstance,
  ports: SalesforcePorts,
  path: string,
  answers: Answers,
): void {
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    ports.usage.count()
    reply.header('sforce-limit-info', ports.usage.limitInfo())
    versionOf(request)
    users.set(request, await signIn(ports.org, headerToken(request)))
  }
  const allowed = METHODS.filter((method) => answers[method])
  for (const method of METHODS) {
    const answer = answers[method]
    app.route({
      method,
      url: `/services/data/:version${path}`,
      onRequest,
      exposeHeadRoute: false,
      async handler(request, reply) {
        if (!answer) {
          reply.header('allow', allowed.join(', '))
          throw notAllowed(method, allowed)
        }
        return send(reply, await answer(restCall(request, ports)))
      },
    })
  }
}

function restCall(request: FastifyRequest, ports: SalesforcePorts): RestCall {
  const user = users.get(request)
  if (!user) throw new Error('the route was answered before its sign-in')
  const parts = request.params as Readonly<Record<string, string>>
  return {
    user,
    version: versionOf(request),
    baseUrl: baseUrlOf(request, ports.publicUrl),
    query: searchParams(request),
    body: request.body,
    part: (name) => parts[name] ?? '',
    header: (name) => request.headers[name]?.toString() ?? null,
  }
}

/** Any `vNN.0` is a version of ours; what is no version is no resource. */
function versionOf(request: FastifyRequest): string {
  const { version = '' } = request.params as Readonly<Record<string, string>>
  if (/^v\d{1,3}\.0$/i.test(version)) return version.toLowerCase()
  throw notFound()
}

async function send(reply: FastifyReply, { status, body, headers }: RestAnswer) {
  reply.code(status)
  if (headers) reply.headers(headers)
  if (body === undefined) return reply.send()
  return reply.type('application/json; charset=UTF-8').send(JSON.stringify(body))
}

/** Salesforce's answer for what is not there. */
export function notFound(message = 'The requested resource does not exist'): ApiError {
  return new ApiError(404, 'NOT_FOUND', message)
}

function notAllowed(method: string, allowed: readonly string[]): ApiError {
  return new ApiError(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${method}' not allowed. Allowed are ${allowed.join(',')}`,
  )
}
