import type { SourcePlace } from '../schema/object-definition.ts'

/** An outbound message as Setup or a workflow file defines it: the definition, not what is sent. */
export type OutboundMessage = {
  readonly kind: 'outboundMessage'
  readonly objectName: string
  /** Unique name; with the object it is the key: `Account.Notify_ERP`. */
  readonly fullName: string
  readonly name: string
  readonly description: string | null
  /** As `49.0`; decides the version in the Enterprise and Partner URLs. */
  readonly apiVersion: string
  readonly endpointUrl: string
  /** API names of the object's own fields, as the file lists them. */
  readonly fields: readonly string[]
  readonly includeSessionId: boolean
  /** Username of "User to send as". */
  readonly integrationUser: string
  readonly useDeadLetterQueue: boolean
  readonly isProtected: boolean
  readonly place: SourcePlace
}

/** The key of an action: names are unique within their object. */
export function outboundMessageKey(message: { objectName: string; fullName: string }): string {
  return `${message.objectName}.${message.fullName}`
}
