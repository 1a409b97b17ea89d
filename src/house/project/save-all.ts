import { ConfigError } from '../../config.ts'
import { firstUserId } from '../../org/founding/found-org.ts'
import type { Setting } from '../../org/org-store.ts'
import type { RecordEdit, SaveResult } from '../../org/save/record-edit.ts'
import { RECORDS_MAX, saveRecords } from '../../org/save/save-records.ts'
import type { House } from '../open-house.ts'

type Rooms = Pick<House, 'org' | 'stores'>

/** Saves as the first user, some at a time; the first refusal ends it. */
export async function saveAll(house: Rooms, edits: readonly RecordEdit[]): Promise<void> {
  await saveFrom(house, edits, { start: 0, settingAt: () => undefined })
}

/**
 * As `saveAll`; how far it came is kept as the setting `progress`, in the commits themselves: called again
 * after a crash it goes on from there.
 */
export async function saveAllOnce(
  house: Rooms,
  edits: readonly RecordEdit[],
  progress: string,
): Promise<void> {
  const savedCount = (await house.stores.org.readSetting(progress)) ?? '0'
  await saveFrom(house, edits, {
    start: Number(savedCount),
    settingAt: (count) => ({ name: progress, value: String(count) }),
  })
}

async function saveFrom(
  { org }: Rooms,
  edits: readonly RecordEdit[],
  { start, settingAt }: { start: number; settingAt: (count: number) => Setting | undefined },
): Promise<void> {
  for (let place = start; place < edits.length; place += RECORDS_MAX) {
    const some = edits.slice(place, place + RECORDS_MAX)
    const setting = settingAt(place + some.length)
    const options = { userId: firstUserId(), allOrNone: true, ...(setting && { setting }) }
    refuseFirst(await saveRecords(org, some, options))
  }
}

function refuseFirst(results: readonly SaveResult[]): void {
  for (const each of results) {
    if (each.kind !== 'refused') continue
    const [error] = each.errors
    throw new ConfigError(`data of the project: ${error?.statusCode}: ${error?.message}`)
  }
}
