import type { RecordEdit, SaveResult } from '../../../org/save/record-edit.ts'
import type { SaveError } from '../../../org/values/save-error.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { OrgApi } from '../org-api.ts'
import { statusOf } from '../org-refusal.ts'
import type { RestAnswer } from './rest-call.ts'

/** Saves one edit; its result. */
export async function saveOne(
  org: OrgApi,
  edit: RecordEdit,
  userId: RecordId,
): Promise<SaveResult> {
  const [result] = await org.save([edit], { userId, allOrNone: true })
  if (!result) throw new Error('the org answered no result for one edit')
  return result
}

/** The answer to a single record's errors: a list, and the status of the first. */
export function refusedAnswer(errors: readonly SaveError[]): RestAnswer {
  const status = statusOf(errors[0]?.statusCode ?? '')
  const body = errors.map(({ statusCode, message, fields }) => ({
    message,
    errorCode: statusCode,
    fields,
  }))
  return { status, body }
}

/** One member of a collection's answer; `created` is told for upserts only. */
export function resultJson(result: SaveResult, withCreated: boolean): unknown {
  if (result.kind === 'refused') {
    return { success: false, errors: result.errors, ...(withCreated && { created: false }) }
  }
  const { recordId, isCreated } = result
  return { id: recordId, success: true, errors: [], ...(withCreated && { created: isCreated }) }
}
