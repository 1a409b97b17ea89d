import type { Dispatcher } from 'undici'
import { failureOf, HttpFailure, type HttpReply } from './http-reply.ts'
import { unpackBody } from './unpack.ts'

/** One request as it goes to a pool: everything checked. */
export type Ask = {
  readonly options: Dispatcher.DispatchOptions
  readonly maxBytes: number
  readonly totalMs: number
  readonly signal: AbortSignal | undefined
}

type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>

/** One request and its answer, whole or not at all. Resolves by its deadline, whatever the connection does. */
export function exchange(pool: Pick<Dispatcher, 'dispatch'>, ask: Ask): Promise<HttpReply> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const elapsedMs = () => performance.now() - startedAt
    const state: Progress = newProgress()

    const settle = (reply: HttpReply) => {
      if (state.settled) return
      state.settled = true
      clearTimeout(timer)
      ask.signal?.removeEventListener('abort', cancel)
      resolve(reply)
    }
    const fail = (error: unknown) => {
      settle(failureOf(error, elapsedMs()))
      if (error instanceof Error) state.controller?.abort(error)
    }
    const cancel = () => fail(new HttpFailure('CANCELLED', 'the request was cancelled'))
    const timer = setTimeout(() => fail(tookTooLong(ask.totalMs)), ask.totalMs)
    if (ask.signal?.aborted) {
      cancel()
      return
    }
    ask.signal?.addEventListener('abort', cancel, { once: true })

    const complete = async () => {
      const headers = headersOf(state.headers)
      const packed = Buffer.concat(state.chunks)
      const body = await unpackBody(packed, headers.get('content-encoding'), ask.maxBytes)
      const { status, startedMs, headersMs } = state
      const timings = { startedMs, headersMs, totalMs: elapsedMs() }
      settle({ kind: 'answered', status, headers, body, timings })
    }
    try {
      pool.dispatch(ask.options, handlerOf({ state, ask, elapsedMs, fail, complete }))
    } catch (error) {
      fail(error)
    }
  })
}

/** What is known of the answer so far. */
type Progress = {
  settled: boolean
  controller: Dispatcher.DispatchController | null
  startedMs: number
  status: number
  headersMs: number
  headers: IncomingHeaders
  bytes: number
  readonly chunks: Buffer[]
}

function newProgress(): Progress {
  return {
    settled: false,
    controller: null,
    startedMs: 0,
    status: 0,
    headersMs: 0,
    headers: {},
    bytes: 0,
    chunks: [],
  }
}

type Steps = {
  readonly state: Progress
  readonly ask: Ask
  readonly elapsedMs: () => number
  readonly fail: (error: unknown) => void
  readonly complete: () => Promise<void>
}

function handlerOf({ state, ask, elapsedMs, fail, complete }: Steps): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller) => {
      // It waited for a connection beyond its deadline: it must not be sent any more.
      if (state.settled) controller.abort(tookTooLong(ask.totalMs))
      state.controller = controller
      state.startedMs = elapsedMs()
    },
    onResponseStart: (_controller, status, headers) => {
      if (status < 200) return // an interim answer, the real one follows
      state.status = status
      state.headers = headers
      state.headersMs = elapsedMs()
    },
    onResponseData: (_controller, chunk) => {
      state.bytes += chunk.length
      if (state.bytes > ask.maxBytes) fail(tooLarge(ask.maxBytes))
      else state.chunks.push(chunk)
    },
    onResponseEnd: () => {
      complete().catch(fail)
    },
    onResponseError: (_controller, error) => fail(error),
  }
}

function headersOf(headers: IncomingHeaders): ReadonlyMap<string, string> {
  const byName = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    byName.set(name.toLowerCase(), typeof value === 'string' ? value : value.join(', '))
  }
  return byName
}

function tookTooLong(totalMs: number): HttpFailure {
  return new HttpFailure('TOTAL_TIMEOUT', `no complete answer within ${totalMs} ms`)
}

function tooLarge(maxBytes: number): HttpFailure {
  return new HttpFailure('ANSWER_TOO_LARGE', `the answer is larger than ${maxBytes} bytes`)
}
