import { ConfigError } from '../../config.ts'
import { firstUserId } from '../../org/founding/found-org.ts'
import type { RecordEdit, SaveResult } from '../../org/save/record-edit.ts'
import { RECORDS_MAX, saveRecords } from '../../org/save/save-records.ts'
import type { House } from '../open-house.ts'

/** Saves as the first user, some at a time; the first refusal ends it. */
export async function saveAll(house: House, edits: readonly RecordEdit[]): Promise<void> {
  for (let start = 0; start < edits.length; start += RECORDS_MAX) {
    const some = edits.slice(start, start + RECORDS_MAX)
    const results = await saveRecords(house.org, some, { userId: firstUserId(), allOrNone: true })
    const refused = results.find(
      (each): each is SaveResult & { kind: 'refused' } => each.kind === 'refused',
    )
    if (refused) {
      const [error] = refused.errors
      throw new ConfigError(`data of the project: ${error?.statusCode}: ${error?.message}`)
    }
  }
}
