import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isLoopback } from '../base/endpoint-url.ts'
import type { Health } from '../health/judge-health.ts'
import { ApiError } from './api-error.ts'
import { isNamedLocally } from './foreign-host.ts'

/** What whoever operates the program is shown. */
export type Operations = {
  /** True when the store answers. */
  isReady(): Promise<boolean>
  /** Null where the port faces the world: there is neither `/health` nor `/metrics`. */
  readonly inner: {
    health(): Promise<Health>
    /** In Prometheus's text format. */
    metrics(): Promise<{ readonly contentType: string; readonly text: string }>
    /** Opens both to whoever brings it; null: they are for this machine alone. */
    readonly token: string | null
  } | null
}

/**
 * `/healthz` is 200 while the process lives, `/readyz` while the store answers: no queue and no endpoint makes a
 * load balancer take the process out. `/health` says how things go, 503 when a part is red; `/metrics` is
 * Prometheus's. Both are for this machine, or for whoever has the token.
 */
export function addOperations(app: FastifyInstance, { isReady, inner }: Operations): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const ready = await isReady().catch(() => false)
    reply.code(ready ? 200 : 503)
    return { status: ready ? 'ok' : 'the store does not answer' }
  })
  if (!inner) return
  app.get('/health', async (request, reply) => {
    admit(request, inner.token)
    const health = await inner.health()
    return reply
      .code(health.status === 'green' ? 200 : 503)
      .header(...NO_STORE)
      .send(health)
  })
  app.get('/metrics', async (request, reply) => {
    admit(request, inner.token)
    const { contentType, text } = await inner.metrics()
    return reply
      .header(...NO_STORE)
      .type(contentType)
      .send(text)
  })
}

const NO_STORE = ['cache-control', 'no-store'] as const

/** What a proxy before us adds: a request that it hands on comes from this machine, and is not of it. */
const HANDED_ON = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

function admit({ headers, socket }: FastifyRequest, token: string | null): void {
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (token !== null && given !== undefined && isSame(given, token)) return
  const isHandedOn = HANDED_ON.some((name) => headers[name] !== undefined)
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  if (given === undefined && !isHandedOn && isLoopback(address) && isNamedLocally(headers.host))
    return
  throw new ApiError(
    401,
    'OPERATIONS_TOKEN_REQUIRED',
    'this is for the machine itself, or for whoever sends the token of OBM_METRICS_TOKEN: Authorization: Bearer …',
  )
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}
