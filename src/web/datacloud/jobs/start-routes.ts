import { SECOND_MS } from '../../../base/clock.ts'
import type { JobMessage } from '../../../jobs/job-run.ts'
import { replayRun } from '../../../jobs/submitting/replay-runs.ts'
import { submitRun } from '../../../jobs/submitting/submit-run.ts'
import { ApiError } from '../../api-error.ts'
import type { DataCloudPorts } from '../datacloud-ports.ts'
import {
  readInMessage,
  readListenerMessage,
  readMessageName,
  readOutMessageName,
} from '../read-message.ts'
import { readFlag } from '../read-query.ts'
import type { ApiAnswer, ApiRoute, ConfigAsk } from '../route/api-route.ts'
import { type Guards, noSuchConfig } from '../route/guards.ts'
import { configReference, jobHref } from './job-view.ts'
import { bodyAnswer } from './out-message-routes.ts'
import { waitForRun } from './wait-for-run.ts'

/** DataCloud's: how long a synchronous call waits for the job. */
const SYNC_WAIT_MS = 30 * SECOND_MS
/** Synchronous calls that wait in this process at once. */
const WAITING_MAX = 200
const ORDERED = { ordered: 'true: it waits for the ordered jobs of its job config before it' }
const OUT_MESSAGE_NAME_DEFAULT = 'out'

/** The ways to start a job: all of them need the right to execute its job config. */
export function startRoutes(ports: DataCloudPorts, guards: Guards): readonly ApiRoute[] {
  const { onConfig, onRun } = guards
  const starts = openStarts(ports)
  return [
    {
      method: 'POST',
      path: '/jobconfigs/{id}/jobs',
      summary: 'Start a job, with a message or without',
      query: ORDERED,
      takes: 'JobRequest',
      gives: 'Submitted',
      answers: { 202: 'The job, queued' },
      ...onConfig(['execute'], (ask) =>
        starts.start(ask, {
          message: readInMessage(ask.body, ask.config.messageName),
          outMessageName: readOutMessageName(ask.body),
        }),
      ),
    },
    {
      method: 'POST',
      path: '/jobconfigs/{id}/listener',
      summary: 'Start a job with the body as its message',
      query: {
        messagename: "name of the message; absent: the job config's",
        outmessagename: `name of the out message; absent: the job config's, or ${OUT_MESSAGE_NAME_DEFAULT}`,
        ...ORDERED,
        async: 'false waits for the job, up to 30 seconds, and answers its out message',
      },
      takes: 'message',
      gives: 'Submitted',
      answers: { 200: 'async=false: the out message as it is', 202: 'The job, queued' },
      ...onConfig(['execute'], starts.listen),
    },
    {
      method: 'POST',
      path: '/jobs/{id}/replay',
      summary: 'Run the message of a job once more, as a new job that names the first',
      gives: 'Submitted',
      answers: { 202: 'The new job, queued' },
      ...onRun(['execute'], async ({ run, user }) => {
        const ask = { runId: run.runId, submittedBy: user.username }
        const replay = await replayRun(ports, ask)
        if (!replay) throw noSuchConfig(run.jobConfigId)
        ports.nudgeRunner()
        return submitted(replay, replay.queuedAt, user.username)
      }),
    },
  ]
}

type What = { readonly message: JobMessage | null; readonly outMessageName: string | null }

function openStarts(ports: DataCloudPorts) {
  let waitingCount = 0

  const submit = async ({ config, user, query }: ConfigAsk, ask: What) => {
    const { jobConfigId } = config
    const outMessageName = ask.outMessageName ?? config.outMessageName ?? OUT_MESSAGE_NAME_DEFAULT
    const run = await submitRun(ports, {
      jobConfigId,
      message: ask.message,
      outMessageName,
      isOrdered: readFlag(query, 'ordered', false),
      submittedBy: user.username,
    })
    if (!run) throw noSuchConfig(jobConfigId)
    ports.nudgeRunner()
    return { ...run, jobConfigId }
  }

  const start = async (ask: ConfigAsk, what: What): Promise<ApiAnswer> => {
    const run = await submit(ask, what)
    return submitted(run, ports.clock.now(), ask.user.username)
  }

  /** Whoever waits longer than it takes is told which job it is, and may ask for the rest later. */
  const startAndWait = async (ask: ConfigAsk, what: What): Promise<ApiAnswer> => {
    if (waitingCount >= WAITING_MAX) {
      const message = `${WAITING_MAX} synchronous calls wait already: try again, or with async=true`
      throw new ApiError(503, 'OVERLOADED', message)
    }
    waitingCount += 1
    try {
      const { runId } = await submit(ask, what)
      const run = await waitForRun(ports, runId, { waitMs: SYNC_WAIT_MS, gone: ask.gone })
      const facts = { id: runId, href: jobHref(runId) }
      if (!run) {
        const message = `the job was not over within ${SYNC_WAIT_MS / SECOND_MS} s; it goes on`
        return { status: 408, body: { code: 'JOB_NOT_OVER', message, ...facts } }
      }
      if (run.status === 'FINISHED' && run.outMessage) return bodyAnswer(run.outMessage)
      const code = run.status === 'FINISHED' ? 'OUT_MESSAGE_TOO_LONG' : 'JOB_FAILED'
      const message = `the job is ${run.status}: ${run.failureReason ?? 'what it answered was not kept'}`
      return { status: 422, body: { code, message, ...facts, status: run.status } }
    } finally {
      waitingCount -= 1
    }
  }

  const listen = (ask: ConfigAsk): Promise<ApiAnswer> => {
    const { query, config } = ask
    const name = readMessageName(query, 'messagename') ?? config.messageName
    const what = {
      message: readListenerMessage(ask.body, name),
      outMessageName: readMessageName(query, 'outmessagename'),
    }
    return readFlag(query, 'async', true) ? start(ask, what) : startAndWait(ask, what)
  }
  return { start, listen }
}

function submitted(
  run: { readonly runId: string; readonly status: string; readonly jobConfigId: string },
  queuedAt: number,
  username: string,
): ApiAnswer {
  return {
    status: 202,
    body: {
      id: run.runId,
      status: run.status,
      href: jobHref(run.runId),
      scheduled: new Date(queuedAt).toISOString(),
      jobConfig: configReference(run.jobConfigId),
      submittedByUser: { id: username },
    },
  }
}
