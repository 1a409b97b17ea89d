import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorText, type Log } from '../base/log.ts'
import { ApiError } from './api-error.ts'

/**
 * Answers an error that reached the server's door. A refusal tells its code and message; anything else is
 * ours: it is logged under a reference, and the caller gets the reference only.
 */
export function answerError(
  log: Log,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  answerRefusal(refusalOf(error) ?? breakage(log, error, request), request, reply)
}

/** Answers a refusal as JSON: in Salesforce's list under `/services`, else as one plain object. */
export function answerRefusal(
  { status, errorCode, message, fields }: ApiError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const body = { message, errorCode, ...(fields && { fields }) }
  const isSalesforce = /^\/services(\/|$)/i.test(request.url)
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(isSalesforce ? [body] : body))
}

/** What Fastify itself refuses (a bad URL, a body of its own parsers too large) has a 4xx `statusCode`. */
function refusalOf(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  const { statusCode } = error
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return null
  return new ApiError(statusCode, 'BAD_REQUEST', error.message)
}

/** Logs what broke, with its stack, and makes the answer that holds none of it. */
export function breakage(log: Log, error: unknown, request: FastifyRequest): ApiError {
  const reference = randomUUID()
  log.error('request.failed', {
    reference,
    method: request.method,
    path: request.url.split('?', 1)[0], // a query may hold a token
    error: errorText(error),
    stack: error instanceof Error ? error.stack : undefined,
  })
  return new ApiError(
    500,
    'UNKNOWN_EXCEPTION',
    `An unexpected error occurred. The log of the server has it under ErrorId: ${reference}`,
  )
}
