import { ConfigError } from '../../config/config.ts'
import { firstUserId } from '../../org/founding/found-org.ts'
import type { RecordEdit, SaveResult } from '../../org/save/record-edit.ts'
import { RECORDS_MAX, type SaveOptions, saveRecords } from '../../org/save/save-records.ts'
import type { House } from '../open-house.ts'

type Rooms = Pick<House, 'org' | 'stores'>

/** Saves as the first user, some at a time; the first refusal ends it. */
export async function saveAll({ org }: Rooms, edits: readonly RecordEdit[]): Promise<void> {
  for (const some of callsOf(edits)) refuseFirst(await saveRecords(org, some, AS_FIRST_USER))
}

/**
 * As `saveAll`, one list after the other. How far it came is kept as the setting `progress`, in the commits
 * themselves: called again after a crash it goes on from there.
 */
export async function saveAllOnce(
  { org, stores }: Rooms,
  lists: readonly (readonly RecordEdit[])[],
  progress: string,
): Promise<void> {
  const calls = lists.flatMap(callsOf)
  const doneCount = Number((await stores.org.readSetting(progress)) ?? 0)
  for (const [place, edits] of calls.entries()) {
    if (place < doneCount) continue
    const setting = { name: progress, value: String(place + 1) }
    refuseFirst(await saveRecords(org, edits, { ...AS_FIRST_USER, setting }))
  }
}

const AS_FIRST_USER: SaveOptions = { userId: firstUserId(), allOrNone: true }

function callsOf(edits: readonly RecordEdit[]): readonly (readonly RecordEdit[])[] {
  const count = Math.ceil(edits.length / RECORDS_MAX)
  return Array.from({ length: count }, (_, place) =>
    edits.slice(place * RECORDS_MAX, (place + 1) * RECORDS_MAX),
  )
}

function refuseFirst(results: readonly SaveResult[]): void {
  for (const each of results) {
    if (each.kind !== 'refused') continue
    const [error] = each.errors
    throw new ConfigError(`data of the project: ${error?.statusCode}: ${error?.message}`)
  }
}
