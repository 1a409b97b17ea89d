import { openGroup } from '../base/grouping/group.ts'
import type { FieldValues } from '../schema/field-value.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { RecordReader } from './record-reader.ts'

/** So many records are read at once, unless one message alone carries more. */
const RECORDS_MAX = 500
/** So many readers, one for each user, object and fields, are kept; then it starts anew. */
const READERS_MAX = 1000

type Found = ReadonlyMap<RecordId, FieldValues>

/**
 * Lets the reads of several messages that want the same fields go as one: those that are asked for while one is under
 * way go together as the next. All see the records as they are then, later than they asked.
 */
export function readTogether(records: RecordReader): RecordReader {
  const readers = new Map<string, (ids: readonly RecordId[]) => Promise<Found>>()
  return {
    ...records,
    readRecordsAs: (username, objectName, ids, fields) => {
      const key = JSON.stringify([username, objectName, ...fields])
      const read =
        readers.get(key) ??
        openGroup<readonly RecordId[], Found>({
          runAll: async (asks) => {
            const all = [...new Set(asks.flat())]
            const found = await records.readRecordsAs(username, objectName, all, fields)
            return asks.map(() => found)
          },
          sizeOf: (asked) => asked.length,
          sizeMax: RECORDS_MAX,
        })
      if (readers.size >= READERS_MAX) readers.clear()
      readers.set(key, read)
      return read(ids)
    },
  }
}
