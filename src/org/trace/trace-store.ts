import type { Instant } from '../../base/clock.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { SaveTrace } from './save-trace.ts'

/** A trace to be kept: what it is found by, and all of it as JSON. */
export type KeptTrace = Pick<SaveTrace, 'traceId' | 'recordId' | 'savedAt'> & {
  readonly body: string
}

/** What tracing asks of a store. */
export type TraceStore = {
  /** Keeps them, and of each record they are of no more than its last `ofRecordMax`. */
  write(traces: readonly KeptTrace[], ofRecordMax: number): Promise<void>
  /** The newest first: of one record, or of all. */
  list(filter: {
    readonly recordId?: RecordId
    readonly limit: number
  }): Promise<readonly SaveTrace[]>
  read(traceId: string): Promise<SaveTrace | null>
  /** Ends what is older, and the oldest of the rest until it has `lengthMax` characters; a slice at a time. */
  retain(ends: { readonly before: Instant; readonly lengthMax: number }): Promise<number>
}
