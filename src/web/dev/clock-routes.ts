import type { FastifyPluginAsync } from 'fastify'
import type { Instant } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { unreachable } from '../../base/unreachable.ts'
import { ApiError } from '../api-error.ts'
import type { BodyReader } from '../request-body.ts'
import type { OrgApi } from '../salesforce/org-api.ts'
import { parseJsonObject } from '../salesforce/rest/json-body.ts'
import { readRawBodies } from '../salesforce/salesforce-routes.ts'
import { headerToken, requireSetup, signIn } from '../salesforce/sign-in.ts'
import { answerSetupErrors } from '../setup/answer-setup-errors.ts'
import { readDuration } from './read-duration.ts'

/** How far the org's time is to go on, and whether it stops nowhere on the way. */
export type ClockAsk = { readonly byMs: number; readonly jump: boolean }

/** What became of it. `now` is the org's time then, `steps` the due moments it stopped at on its way. */
export type ClockAdvance =
  | { readonly kind: 'advanced'; readonly now: Instant; readonly steps: number }
  | {
      readonly kind: 'stopped short'
      readonly now: Instant
      readonly steps: number
      readonly leftMs: number
      readonly reason: string
    }

/** The org's time in a person's hand. */
export type ClockInHand = {
  now(): Instant
  /** Ends when the work that came due on the way is done, one advance at a time. */
  advance(ask: ClockAsk): Promise<ClockAdvance>
}

export type ClockPorts = {
  readonly org: Pick<OrgApi, 'sessionUser'>
  readonly clock: ClockInHand
  readonly bodies: BodyReader
  readonly log: Log
}

const PATH = '/dev/clock'

/**
 * `GET /dev/clock` → `{"now"}`. `POST /dev/clock` with `{"advance":"PT24H"}` → `{"now","steps"}`: the org's time goes
 * from one due moment to the next, and the work of each is done before it goes on; with `"jump":true` it stops
 * nowhere. Needs a session of a user who may see Setup, as `/setup/api` does. 400 DURATION_INVALID, and 409
 * CLOCK_STOPPED_SHORT when work on the way did not end.
 */
export function clockRoutes({ org, clock, bodies, log }: ClockPorts): FastifyPluginAsync {
  return async (app) => {
    readRawBodies(app, bodies)
    answerSetupErrors(app, log)
    app.addHook('onRequest', async (request, reply) => {
      requireSetup(await signIn(org, headerToken(request)))
      reply.header('cache-control', 'no-store')
    })
    app.get(PATH, async () => ({ now: isoOf(clock.now()) }))
    app.post(PATH, async (request) => answerOf(await clock.advance(readAsk(request.body))))
  }
}

function readAsk(body: unknown): ClockAsk {
  const { advance, jump = false } = parseJsonObject(body, 'the request')
  if (typeof jump !== 'boolean') {
    throw new ApiError(400, 'INVALID_INPUT', 'jump should be true or false')
  }
  return { byMs: readDuration(advance), jump }
}

function answerOf(advance: ClockAdvance): { now: string; steps: number } {
  const now = isoOf(advance.now)
  switch (advance.kind) {
    case 'advanced':
      return { now, steps: advance.steps }
    case 'stopped short': {
      const { reason, leftMs, steps } = advance
      const left = `PT${leftMs / 1000}S`
      throw new ApiError(
        409,
        'CLOCK_STOPPED_SHORT',
        `${reason}; after ${steps} steps the clock stands at ${now}: advance it by the ${left} that are left, or jump`,
      )
    }
    default:
      return unreachable(advance)
  }
}

function isoOf(at: Instant): string {
  return new Date(at).toISOString()
}
