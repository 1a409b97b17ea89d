import type { FieldValues } from '../schema/field-value.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { RecordReader } from './record-reader.ts'

/** So many records are read at once, unless one message alone carries more. */
const RECORDS_MAX = 500

type Found = ReadonlyMap<RecordId, FieldValues>

type Reading = {
  readonly ids: readonly RecordId[]
  readonly resolve: (found: Found) => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets the reads of several messages that want the same fields go as one: those that are asked for while one is under
 * way go together as the next. All see the records as they are then, later than they asked.
 */
export function readTogether(records: RecordReader): RecordReader {
  const queues = new Map<string, Reading[]>()

  const readOn = async (
    key: string,
    queue: Reading[],
    read: (ids: RecordId[]) => Promise<Found>,
  ) => {
    while (queue.length > 0) {
      const group = takeGroup(queue)
      try {
        const found = await read([...new Set(group.flatMap(({ ids }) => ids))])
        for (const { resolve } of group) resolve(found)
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    queues.delete(key)
  }
  return {
    ...records,
    readRecordsAs: (username, objectName, ids, fields) =>
      new Promise((resolve, reject) => {
        const key = JSON.stringify([username, objectName, ...fields])
        const queue = queues.get(key)
        const reading = { ids, resolve, reject }
        if (queue) {
          queue.push(reading)
          return
        }
        const started = [reading]
        queues.set(key, started)
        void readOn(key, started, (all) => records.readRecordsAs(username, objectName, all, fields))
      }),
  }
}

function takeGroup(queue: Reading[]): readonly Reading[] {
  let count = 0
  const end = queue.findIndex(({ ids }, index) => {
    count += ids.length
    return index > 0 && count > RECORDS_MAX
  })
  return queue.splice(0, end === -1 ? queue.length : end)
}
