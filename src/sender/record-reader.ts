import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { FieldValues } from '../schema/field-value.ts'
import type { RecordId } from '../schema/record-id.ts'

/** What the sender asks of the org: `org` answers, `house.ts` joins, neither imports the other. */
export type RecordReader = {
  /** Why nothing can be sent as this user now, as a sentence; null when it can. */
  whyNotAs(username: string): Promise<string | null>
  /**
   * Records as committed now, with the fields of those asked for that the user may see. A record that is deleted, or
   * that the user may not see at all, is missing. Rejects when it cannot be known: then nothing is sent, and it is no
   * attempt.
   */
  readRecordsAs(
    username: string,
    objectName: string,
    ids: readonly RecordId[],
    fields: readonly string[],
  ): Promise<ReadonlyMap<RecordId, FieldValues>>
  /** The session id that the message carries, a secret; null when none is to be sent. */
  sessionFor(username: string, message: OutboundMessage): Promise<string | null>
}
