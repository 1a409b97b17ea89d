import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { TlsOptions } from 'node:tls'
import type { Clock } from '../../src/base/clock.ts'
import type { Log, LogFields } from '../../src/base/log.ts'
import { openGuard } from '../../src/egress/guard.ts'
import { openHttp } from '../../src/egress/post.ts'
import { openClassicSession } from '../../src/inbox/classic/classic-session.ts'
import type { Acceptance, InboxStore } from '../../src/inbox/inbox-store.ts'
import { openInbox } from '../../src/inbox/open-inbox.ts'
import type { JobConfig } from '../../src/jobs/job-config.ts'
import type { JobStore } from '../../src/jobs/job-store.ts'
import type { RunPlace } from '../../src/jobs/ordering/run-place.ts'
import { OPEN_ROUTE } from '../../src/jobs/route-authentication.ts'
import { DEFAULT_LIMITS } from '../../src/jobs/run-limits.ts'
import { openPostgres } from '../../src/store/postgres/open-postgres.ts'
import { openReceivingStore } from '../../src/store/sql/jobs/open-receiving-store.ts'
import type { OpRunner } from '../../src/store/sql/op.ts'
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts'
import { type ListenerLimits, openListener } from '../../src/web/listener.ts'
import { openPeerReader, type PeerSettings } from '../../src/web/receiving/read-peer.ts'
import { afterTest } from './after-test.ts'
import { COMMAND_JOB } from './commands.ts'

/** The day of the tests: 2025-12-05 12:00 UTC. */
export const NOON = 1_764_936_000_000

/** A clock that moves when it is told to, both its times at once. */
export function openTestClock(): Clock & { advance(ms: number): void } {
  let now = NOON
  return {
    now: () => now,
    real: () => now,
    advance: (ms) => {
      now += ms
    },
  }
}

/** A log that can be looked into. */
export function openTestLog(): Log & {
  readonly lines: readonly {
    readonly level: string
    readonly event: string
    readonly fields: LogFields
  }[]
} {
  const lines: { level: string; event: string; fields: LogFields }[] = []
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) => {
      lines.push({ level, event, fields })
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), lines }
}

export type ReceivingStores = {
  readonly inbox: InboxStore
  readonly jobs: JobStore
  close(): Promise<void>
}

/** Opens what the receiving wing needs of the store at `url`: `sqlite:PATH` or `postgres://…`. */
export async function openReceivingStoreAt(t: TestContext, url: string): Promise<ReceivingStores> {
  const runner: OpRunner & { close(): Promise<void> } = url.startsWith('sqlite:')
    ? await openSqlite(url.slice('sqlite:'.length))
    : await openPostgres(url)
  afterTest(t, () => runner.close())
  return { ...openReceivingStore(runner), close: () => runner.close() }
}

/** Notifications that each start the run given, as they are handed to a store. */
export function ownRuns(
  started: readonly (Acceptance['runs'][number] & { readonly notificationId: string })[],
): Pick<Acceptance, 'notifications' | 'runs'> {
  return {
    notifications: started.map(({ notificationId, runId }) => ({
      notificationId,
      runId,
      contentMark: '',
    })),
    runs: started.map(({ runId, message, place }) => ({ runId, message, place })),
  }
}

/** A job config with nothing asked of the sender; change what the test is about. */
export function jobConfig(change: Partial<JobConfig> = {}): JobConfig {
  return {
    jobConfigId: 'accounts',
    name: 'Copy accounts',
    description: null,
    isActive: true,
    job: COMMAND_JOB,
    whenInactive: 'hold',
    authentication: OPEN_ROUTE,
    messageName: 'msg1',
    outMessageName: null,
    attemptsMax: 3,
    limits: DEFAULT_LIMITS,
    ordering: 'none',
    runPer: 'notification',
    staleChanges: 'flag',
    ownUserIds: [],
    fieldLists: [],
    source: 'api',
    ...change,
  }
}

/** Of a run that concerns no record and waits for none. */
export const NO_PLACE: RunPlace = {
  recordKey: null,
  lineId: null,
  stamp: null,
  isOwnChange: false,
}

export type TestListener = {
  readonly url: string
  stop(): void
  readonly log: ReturnType<typeof openTestLog>
  readonly clock: ReturnType<typeof openTestClock>
  /** How often the runner was nudged. */
  nudgeCount(): number
  /** Posts to `…/jobconfigs/{path}`; `path` is a job config id, with a secret behind it or not. */
  post(body: string | Uint8Array, ask?: PostAsk): Promise<PostReply>
}

type PostAsk = {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type PostReply = {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** The code in a fault's detail. */
  readonly code: string | null
}

/** The receiving endpoint on a free port, over the given store. */
export async function openTestListener(
  t: TestContext,
  stores: ReceivingStores,
  {
    allow = ['loopback'],
    limits,
    queueMax,
    peers,
    tls,
    real,
  }: {
    readonly allow?: readonly string[]
    readonly limits?: Partial<ListenerLimits>
    readonly queueMax?: number
    readonly peers?: Partial<PeerSettings>
    readonly tls?: TlsOptions
    /** Certificates go by the real time. */
    readonly real?: () => number
  } = {},
): Promise<TestListener> {
  const [testClock, log] = [openTestClock(), openTestLog()]
  const clock = real ? { ...testClock, real } : testClock
  const http = openHttp({ guard: openGuard({ allow }) })
  afterTest(t, () => http.close())
  const classicSession = openClassicSession({ http, store: stores.jobs, clock })
  let nudges = 0
  const nudgeRunner = () => {
    nudges += 1
  }
  const ports = { store: stores.inbox, classicSession, clock, log, nudgeRunner }
  const listener = openListener({
    inbox: openInbox({ ...ports, ...(queueMax !== undefined && { queueMax }) }),
    peerOf: openPeerReader({
      proxies: [],
      certificateHeader: null,
      checksAuthorities: false,
      ...peers,
    }),
    log,
    ...(limits && { limits }),
  })
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (listener.matches(request.url ?? '')) listener.answer(request, response)
    else response.writeHead(404).end('not the listener’s')
  }
  const server = tls ? createTlsServer(tls, answer) : createServer(answer)
  const url = (await listening(t, server)).replace('http:', tls ? 'https:' : 'http:')
  return {
    url,
    stop: listener.stop,
    log,
    clock,
    nudgeCount: () => nudges,
    post: (body, ask) => postTo(url, body, ask),
  }
}

async function postTo(
  url: string,
  body: string | Uint8Array,
  ask: PostAsk = {},
): Promise<PostReply> {
  const [id = 'accounts', ...secret] = (ask.path ?? 'accounts').split('/')
  const target = [`${url}/v2/api/jobconfigs/${id}/sfdc/obm`, ...secret].join('/')
  const response = await fetch(target, {
    method: ask.method ?? 'POST',
    headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""', ...ask.headers },
    ...(ask.method === 'GET'
      ? {}
      : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  })
  const text = await response.text()
  const code = /<code>(.*)<\/code>/.exec(text)?.[1] ?? null
  return { status: response.status, headers: response.headers, body: text, code }
}

/** Starts a server on a free port until the test ends; answers its URL. */
export async function listening(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterTest(t, () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}
