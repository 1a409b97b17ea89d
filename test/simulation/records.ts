import type { OrgRecord } from '../../src/schema/record.ts'
import type { RecordId } from '../../src/schema/record-id.ts'
import { OBJECT_NAME } from './in-process-store.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Every record as it was committed, and when. */
export type Records = {
  /** Writes down that it is so from now on; null: deleted. */
  committed(recordId: RecordId, name: string | null): void
  /** Whether it was so at some moment from the step until now. */
  wasSo(recordId: RecordId, name: string | null, since: number): boolean
  living(): readonly RecordId[]
}

/** Opens a history without records. */
export function openRecords(time: VirtualTime): Records {
  const histories = new Map<RecordId, { step: number; name: string | null }[]>()
  return {
    committed: (recordId, name) => {
      const history = histories.get(recordId) ?? []
      history.push({ step: time.step(), name })
      histories.set(recordId, history)
    },
    wasSo: (recordId, name, since) => {
      const history = histories.get(recordId) ?? []
      return history.some((each, index) => {
        const end = history[index + 1]?.step ?? Number.POSITIVE_INFINITY
        return each.name === name && end >= since
      })
    },
    living: () =>
      [...histories].filter(([, history]) => history.at(-1)?.name !== null).map(([id]) => id),
  }
}

/** A record of the simulated org: its name is all that matters, and says which version it is. */
export function recordOf(recordId: RecordId, version: number): OrgRecord {
  const fields = { Id: recordId, Name: nameOf(recordId, version) }
  return { objectName: OBJECT_NAME, recordId, version, fields }
}

/** The name of a record's version. */
export function nameOf(recordId: RecordId, version: number): string {
  return `${recordId} v${version}`
}
