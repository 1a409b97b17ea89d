import type { DeliverySchedule } from '../outbox/delivery-schedule.ts'
import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { FieldDefinition } from '../schema/object-definition.ts'
import type { RecordId } from '../schema/record-id.ts'

/** An outbound message with all that its envelope says besides the records. */
export type Sendable = {
  readonly message: OutboundMessage
  readonly schedule: DeliverySchedule
  /** The definitions of its fields to send. */
  readonly fields: readonly FieldDefinition[]
  readonly organizationId: RecordId
  /** Origin of the org's own URLs: `https://acme.my.example`. */
  readonly instanceUrl: string
}

/**
 * Finds an outbound message by its id, in definitions at least as new as `definitionsVersion`; null when there
 * is none. A port: the org answers.
 */
export type MessageOf = (
  outboundMessageId: RecordId,
  definitionsVersion: number,
) => Promise<Sendable | null>
