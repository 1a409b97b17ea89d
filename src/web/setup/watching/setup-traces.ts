import { rawFields } from '../../../org/save/record-edit.ts'
import { debugLogOf } from '../../../org/trace/debug-log.ts'
import type { SaveTrace } from '../../../org/trace/save-trace.ts'
import { verdictsOf } from '../../../story/save-verdicts.ts'
import { ApiError } from '../../api-error.ts'
import type { SetupPorts } from '../setup-ports.ts'
import type { SetupCall, SetupRoute } from '../setup-route.ts'
import { countOf, idOf, invalid, isoOf } from '../setup-values.ts'

const LISTED_DEFAULT = 20
const LISTED_MAX = 100

/**
 * `GET /traces?record&limit` → `{"readAt", "skipped", "traces": [{"traceId","saveId","savedAt","objectName",
 *   "recordId","recordName","change","outcome","errors","username","version","definitionsVersion","isShortened",
 *   "verdicts": [{"step","name","verdict","reason"}]}]}`: how the last saves were decided, the newest first.
 *   `skipped` is how many edits this process did not trace, as they came too fast.
 *
 * `GET /traces/{traceId}` → one of them with `"fields"`, `"steps"` (each criterion and formula part with what it
 *   saw) and `"log"`, the same as lines of a debug log. 404 NOT_FOUND.
 *
 * `POST /rules/{rule}/try` `{"recordId","fields"?,"asNew"?}` → a trace of that one rule (`Object.Rule`, or its
 *   name), as if the record were saved with these fields: nothing is written, an inactive rule is tried too.
 *
 * `POST /traces/try` `{"recordId","fields"?}` → a trace of the whole save, in the same way.
 */
export function setupTraces(ports: SetupPorts): readonly SetupRoute[] {
  const { traces, clock, skippedTraces } = ports
  return [
    {
      method: 'GET',
      path: '/traces',
      answer: async ({ query }) => {
        const recordId = idOf(query.get('record'), 'record')
        const count = { name: 'limit', fallback: LISTED_DEFAULT, max: LISTED_MAX }
        const limit = countOf(query.get('limit'), count)
        const found = await traces.list({ ...(recordId && { recordId }), limit })
        return {
          readAt: isoOf(clock.now()),
          skipped: skippedTraces(),
          traces: found.map(headJson),
        }
      },
    },
    {
      method: 'GET',
      path: '/traces/:traceId',
      answer: async ({ parts: { traceId = '' } }) => {
        const found = await traces.read(traceId.replaceAll('\0', ''))
        if (found) return traceJson(found)
        throw new ApiError(404, 'NOT_FOUND', `there is no trace ${traceId}: the last are kept`)
      },
    },
    {
      method: 'POST',
      path: '/traces/try',
      answer: (call) => answerTry(ports, call, null),
    },
    {
      method: 'POST',
      path: '/rules/:rule/try',
      answer: (call) => answerTry(ports, call, call.parts['rule'] ?? ''),
    },
  ]
}

async function answerTry(
  { trySave }: SetupPorts,
  { userId, body }: SetupCall,
  rule: string | null,
): Promise<unknown> {
  const recordId = idOf(body['recordId'], 'recordId')
  if (!recordId) throw invalid('recordId is missing')
  const { fields = {}, asNew = false } = body
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalid('fields should be an object: {"Type": "Prospect"}')
  }
  if (typeof asNew !== 'boolean') throw invalid('asNew should be true or false')
  const tried = await trySave({ userId, recordId, fields: rawFields(fields), rule, asNew })
  switch (tried.kind) {
    case 'tried':
      return traceJson(tried.trace)
    case 'no such rule':
      throw new ApiError(404, 'NOT_FOUND', `there is no rule ${JSON.stringify(rule)}`)
    case 'refused': {
      const [error] = tried.errors
      const message = error?.message ?? 'the record cannot be saved'
      throw new ApiError(400, error?.statusCode ?? 'INVALID_INPUT', message, error?.fields ?? null)
    }
  }
}

function headJson(trace: SaveTrace): object {
  const { fields: _, steps: __, ...head } = trace
  return { ...head, savedAt: isoOf(trace.savedAt), verdicts: verdictsOf(trace) }
}

function traceJson(trace: SaveTrace): object {
  return {
    ...trace,
    savedAt: isoOf(trace.savedAt),
    verdicts: verdictsOf(trace),
    log: debugLogOf(trace),
  }
}
