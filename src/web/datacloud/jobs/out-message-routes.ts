import type { OutMessage } from '../../../jobs/job-run.ts'
import { ApiError } from '../../api-error.ts'
import { PAGING, readPaging } from '../read-query.ts'
import type { ApiRoute, RunAsk } from '../route/api-route.ts'
import { type Guards, partOf } from '../route/guards.ts'
import { pageOfAll } from '../route/page.ts'
import { outMessageView } from './job-view.ts'

/** `/jobs/{id}/out`: what a finished job answered. */
export function outMessageRoutes({ onRun }: Guards): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/jobs/{id}/out',
      summary: 'List the out messages of a job: none until it is FINISHED, then one at most',
      query: PAGING,
      gives: 'MessagePage',
      answers: { 200: 'A page of messages' },
      ...onRun(['view'], async (ask) => {
        const { runId, outMessage } = ask.run
        return pageOfAll(`/jobs/${encodeURIComponent(runId)}/out`, ask, {
          ...readPaging(ask.query),
          all: outMessage === null ? [] : [outMessage],
          view: (message) => outMessageView(runId, message),
        })
      }),
    },
    {
      method: 'GET',
      path: '/jobs/{id}/out/{messagename}',
      summary: 'Read an out message with its properties',
      gives: 'Message',
      answers: { 200: 'The message' },
      ...onRun(['view'], async (ask) => ({
        status: 200,
        body: outMessageView(ask.run.runId, named(ask)),
      })),
    },
    {
      method: 'GET',
      path: '/jobs/{id}/out/{messagename}/text',
      summary: 'Read the body of an out message',
      gives: 'text',
      answers: { 200: 'The body as it is' },
      ...onRun(['view'], async (ask) => bodyAnswer(named(ask))),
    },
  ]
}

/** The answer that is an out message and nothing else. No browser takes it for a page of ours. */
export function bodyAnswer({ body, contentType }: OutMessage) {
  const headers = { 'x-content-type-options': 'nosniff', 'content-security-policy': 'sandbox' }
  return { status: 200, body, contentType, headers }
}

function named(ask: RunAsk): OutMessage {
  const name = partOf(ask, 'messagename')
  const { outMessage, runId, status } = ask.run
  if (outMessage?.name === name) return outMessage
  throw new ApiError(
    404,
    'OUT_MESSAGE_NOT_FOUND',
    `job ${runId}, which is ${status}, has no out message ${JSON.stringify(name.slice(0, 100))}`,
  )
}
