import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type SecureContextOptions, type TlsOptions, Server as TlsServer } from 'node:tls'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { isLoopback } from '../base/endpoint-url.ts'
import type { Log } from '../base/log.ts'
import { ApiError } from './api-error.ts'
import { answerError, answerRefusal } from './error-answer.ts'
import { foreignHost } from './foreign-host.ts'
import {
  FRONT_PAGE_HEADERS,
  FRONT_PAGE_STYLE,
  FRONT_PAGE_STYLE_PATH,
  type FrontPageFacts,
  frontPage,
} from './front-page.ts'
import { addOperations, type Operations } from './operations.ts'

/** The receiving route, which is answered beside Fastify, on the bare request. */
export type BareListener = {
  matches(url: string): boolean
  answer(request: IncomingMessage, response: ServerResponse): void
}

export type ServerOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Speaks https by these; absent: http. */
  readonly tls?: TlsOptions
  /** What the world calls this server; null: what each request says. */
  readonly publicUrl: string | null
  /** Each gets its own scope of Fastify: parsers, hooks and error answers of one reach no other. */
  readonly routes: readonly FastifyPluginAsync[]
  readonly listener: BareListener | null
  readonly log: Log
  readonly operations: Operations
  /** Hears of each answer, with its request's path. */
  readonly onAnswered?: (answered: Answered) => void
  /** What `/` shows; null: there is nothing to see here. */
  readonly frontPage: (() => Promise<FrontPageFacts>) | null
}

/** One request that was answered, whole or not. */
export type Answered = {
  readonly path: string
  readonly status: number
  readonly durationMs: number
}

export type WebServer = {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** New connections get these certificates. */
  renewTls(options: SecureContextOptions): void
  /** Takes no new request, lets those in hand finish. */
  close(): Promise<void>
}

/** A request must have arrived whole within this. */
const REQUEST_TIMEOUT_MS = 120_000
const HEADERS_TIMEOUT_MS = 20_000
/** Longer than what load balancers keep idle connections for (60 s), so that they end them, not we. */
const KEEP_ALIVE_MS = 72_000
const TIMES = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
}
/** Characters of one path part: a long external id, percent-encoded. */
const PATH_PART_MAX = 4000

/** The server could not listen where it was told to. */
export class PortError extends Error {
  override readonly name = 'PortError'
  readonly errorCode = 'PORT_UNAVAILABLE'

  constructor({ host, port }: { host: string; port: number }, cause: unknown) {
    super(`cannot listen on ${host}:${port}: free the port, or choose another (--port, OBM_PORT)`, {
      cause,
    })
  }
}

/** Opens the one HTTP port: the given routes, the receiving route, `/`, `/healthz` and `/readyz`. */
export async function openServer(options: ServerOptions): Promise<WebServer> {
  const app = Fastify({
    logger: false,
    forceCloseConnections: 'idle',
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      maxParamLength: PATH_PART_MAX,
    },
    frameworkErrors: (error, request, reply) => answerError(options.log, error, request, reply),
    serverFactory: (answer) => createDoor(options, answer),
  })
  app.setErrorHandler((error, request, reply) => answerError(options.log, error, request, reply))
  app.setNotFoundHandler((request, reply) => {
    answerRefusal(
      new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist'),
      request,
      reply,
    )
  })
  addOperations(app, options.operations)
  addFrontPage(app, options)
  for (const routes of options.routes) await app.register(routes)

  await app.listen({ host: options.host, port: options.port }).catch((error: unknown) => {
    throw new PortError(options, error)
  })
  const address = app.server.address()
  const port = address !== null && typeof address === 'object' ? address.port : options.port
  return {
    url: `${options.tls ? 'https' : 'http'}://${urlHost(options.host)}:${port}`,
    port,
    renewTls: (renewed) => {
      if (app.server instanceof TlsServer) app.server.setSecureContext(renewed)
    },
    close: () => closeServer(app),
  }
}

/** How often connections that have become idle are looked for while the server closes. */
const IDLE_LOOK_MS = 50

/** A connection whose last answer went out after closing began would be kept alive, and the close with it. */
async function closeServer(app: FastifyInstance): Promise<void> {
  const look = setInterval(() => app.server.closeIdleConnections(), IDLE_LOOK_MS)
  try {
    await app.close()
  } finally {
    clearInterval(look)
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** Stands before Fastify: mends the URL, keeps strangers out of a local server, hands over what is received. */
function createDoor(
  { host, publicUrl, tls, listener, onAnswered }: ServerOptions,
  answer: Answer,
): Server {
  const isLocal = isLoopback(host)
  const answered = (request: IncomingMessage, response: ServerResponse) => {
    const url = (request.url ?? '/').replace(/^\/{2,}/, '/') // clients join `https://host/` and `/services`
    request.url = url
    if (onAnswered) {
      const startedAt = performance.now()
      response.once('close', () => {
        const durationMs = performance.now() - startedAt
        onAnswered({ path: url, status: response.statusCode, durationMs })
      })
    }
    const stranger = isLocal ? foreignHost(request, publicUrl) : null
    if (stranger) {
      response.writeHead(403, { 'content-type': 'application/json; charset=utf-8' })
      response.end(JSON.stringify(stranger))
      return
    }
    if (listener?.matches(url)) {
      listener.answer(request, response)
      return
    }
    // Salesforce's way for clients that cannot send PATCH.
    if (request.method === 'POST' && /[?&]_HttpMethod=PATCH(&|$)/i.test(url)) {
      request.method = 'PATCH'
    }
    answer(request, response)
  }
  return tls ? createTlsServer({ ...TIMES, ...tls }, answered) : createServer(TIMES, answered)
}

function addFrontPage(app: FastifyInstance, { frontPage: facts }: ServerOptions): void {
  if (!facts) return
  app.get('/', async (_request, reply) =>
    reply.headers(FRONT_PAGE_HEADERS).send(frontPage(await facts())),
  )
  app.get(FRONT_PAGE_STYLE_PATH, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(FRONT_PAGE_STYLE),
  )
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
