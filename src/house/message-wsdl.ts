import type { Clock } from '../base/clock.ts'
import { maskUrl } from '../base/secrets/mask-url.ts'
import type { Org } from '../org/open-org.ts'
import type { KnownMessage } from '../org/org-definitions.ts'
import type { ObjectDefinition } from '../schema/object-definition.ts'
import type { RecordId } from '../schema/record-id.ts'
import { chosenFields, writeWsdl } from '../wire/wsdl.ts'

/** The WSDL of the outbound message with this id; null when there is none. */
export async function writeMessageWsdl(
  { org, clock }: { org: Org; clock: Clock },
  outboundMessageId: RecordId,
): Promise<string | null> {
  const definitions = await org.refresh()
  const message = definitions.messageOfId(outboundMessageId)
  const object = message && definitions.objectOf(message.objectName)
  return message && object ? wsdlOf(message, object, clock.now()) : null
}

/** The WSDL of an outbound message of an object, as made at `generatedAt`. */
export function wsdlOf(
  message: Pick<KnownMessage, 'fullName' | 'fields' | 'endpointUrl'>,
  object: ObjectDefinition,
  generatedAt: number,
): string {
  return writeWsdl({
    messageName: message.fullName,
    objectName: object.name,
    fields: chosenFields(object, message.fields),
    endpointUrl: maskUrl(message.endpointUrl),
    generatedAt,
  })
}
