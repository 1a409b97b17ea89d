import type { FastifyInstance } from 'fastify'
import type { Log } from '../../base/log.ts'
import { ApiError } from '../api-error.ts'
import { answerError, answerRefusal } from '../error-answer.ts'
import { orgRefusal } from '../salesforce/org-refusal.ts'

/** Errors of the routes for people who set the org up: `{"message","errorCode"}`, what the org refuses among them. */
export function answerSetupErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const refusal = orgRefusal(error)
    if (!refusal) return answerError(log, error, request, reply)
    const { status, errorCode, message } = refusal
    answerRefusal(new ApiError(status, errorCode, message), request, reply)
  })
}
