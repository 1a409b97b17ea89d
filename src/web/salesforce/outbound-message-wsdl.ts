import type { Org } from '../../org/open-org.ts'
import { fieldOf } from '../../schema/object-definition.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { writeWsdl } from '../../wire/wsdl.ts'

/** The WSDL of the outbound message of that id as it is defined now; null when there is none. */
export async function outboundMessageWsdl(
  org: Org,
  outboundMessageId: RecordId,
): Promise<string | null> {
  const definitions = await org.latest()
  const message = definitions.messageOfId(outboundMessageId)
  const object = message && definitions.objectOf(message.objectName)
  if (!message || !object) return null
  return writeWsdl({
    messageName: message.fullName,
    objectName: object.name,
    fields: message.fields.flatMap((name) => fieldOf(object, name) ?? []),
    endpointUrl: message.endpointUrl,
    generatedAt: org.clock.now(),
  })
}
