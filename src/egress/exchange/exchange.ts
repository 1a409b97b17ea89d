import type { Dispatcher } from 'undici'
import { failureOf, HttpFailure, type HttpReply } from '../http-reply.ts'
import { type BoundedBytes, openBoundedBytes } from './bounded-bytes.ts'
import { unpackBody } from './unpack.ts'

/** One request as it goes to a pool: everything checked. */
export type Ask = {
  readonly options: Dispatcher.DispatchOptions
  readonly maxBytes: number
  readonly totalMs: number
  readonly signal: AbortSignal | undefined
  /** Whether a connection that ended with `error` had carried other requests before this one. */
  readonly wasKept: (error: unknown) => boolean
}

type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>

/** How often one request goes out once more because a kept connection was closed under it. */
const RESENDS_MAX = 2
/** What ends later than this after it was sent was the server's doing, not a race with its idle time-out. */
const RESEND_WITHIN_MS = 1000

/**
 * One request and its answer, whole or not at all. Resolves by its deadline, whatever the connection does. Where
 * the server closed a connection that was kept open, just when the request went out on it, the request goes out
 * again: that end says nothing of the server.
 */
export function exchange(pool: Pick<Dispatcher, 'dispatch'>, ask: Ask): Promise<HttpReply> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const elapsedMs = () => performance.now() - startedAt
    let settled = false
    let resends = 0
    let progress = newProgress(ask.maxBytes)

    const settle = (reply: HttpReply) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      ask.signal?.removeEventListener('abort', cancel)
      resolve(reply)
    }
    const fail = (error: unknown) => {
      const { status, controller, startedMs } = progress
      const reached = { ...(controller && { startedMs }), ...(status > 0 && { status }) }
      settle(failureOf(error, elapsedMs(), reached))
      if (error instanceof Error) controller?.abort(error)
    }
    const cancel = () => fail(new HttpFailure('CANCELLED', 'the request was cancelled'))
    const timer = setTimeout(() => fail(tookTooLong(ask.totalMs)), ask.totalMs)
    if (ask.signal?.aborted) {
      cancel()
      return
    }
    ask.signal?.addEventListener('abort', cancel, { once: true })

    const end = (error: unknown) => {
      const isRace =
        !settled &&
        resends < RESENDS_MAX &&
        !progress.answerBegan &&
        elapsedMs() - progress.startedMs < RESEND_WITHIN_MS &&
        ask.wasKept(error)
      if (!isRace) {
        fail(error)
        return
      }
      resends += 1
      progress = newProgress(ask.maxBytes)
      send()
    }
    const complete = async ({ body, headers: incoming, ...known }: Progress) => {
      const headers = headersOf(incoming)
      const unpacked = await unpackBody(body.bytes(), headers.get('content-encoding'), ask.maxBytes)
      const { status, startedMs, headersMs } = known
      const timings = { startedMs, headersMs, totalMs: elapsedMs() }
      settle({ kind: 'answered', status, headers, body: unpacked, timings })
    }
    const send = () => {
      const isOver = () => settled
      try {
        pool.dispatch(
          ask.options,
          handlerOf({ progress, ask, elapsedMs, isOver, fail, end, complete }),
        )
      } catch (error) {
        fail(error)
      }
    }
    send()
  })
}

/** What is known of one sending and its answer so far. */
type Progress = {
  controller: Dispatcher.DispatchController | null
  startedMs: number
  /** Whether a byte of the answer came. */
  answerBegan: boolean
  /** 0 until it is known. */
  status: number
  headersMs: number
  headers: IncomingHeaders
  readonly body: BoundedBytes
}

function newProgress(maxBytes: number): Progress {
  return {
    controller: null,
    startedMs: 0,
    answerBegan: false,
    status: 0,
    headersMs: 0,
    headers: {},
    body: openBoundedBytes(maxBytes),
  }
}

type Steps = {
  readonly progress: Progress
  readonly ask: Ask
  readonly elapsedMs: () => number
  readonly isOver: () => boolean
  readonly fail: (error: unknown) => void
  /** The connection ended, or something on it did. */
  readonly end: (error: unknown) => void
  readonly complete: (progress: Progress) => Promise<void>
}

function handlerOf(steps: Steps): Dispatcher.DispatchHandler {
  const { progress, ask, elapsedMs, isOver, fail, end, complete } = steps
  return {
    onRequestStart: (controller) => {
      // It waited for a connection beyond its deadline: it must not be sent any more.
      if (isOver()) controller.abort(tookTooLong(ask.totalMs))
      progress.controller = controller
      progress.startedMs = elapsedMs()
    },
    onResponseStarted: () => {
      progress.answerBegan = true
    },
    onResponseStart: (_controller, status, headers) => {
      if (status < 200) return // an interim answer, the real one follows
      progress.status = status
      progress.headers = headers
      progress.headersMs = elapsedMs()
    },
    onResponseData: (_controller, chunk) => {
      if (!progress.body.add(chunk)) fail(tooLarge(ask.maxBytes))
    },
    onResponseEnd: () => {
      complete(progress).catch(fail)
    },
    onResponseError: (_controller, error) => end(error),
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
