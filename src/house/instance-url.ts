import { type Clock, type Instant, SECOND_MS } from '../base/clock.ts'
import { INSTANCE_URL } from '../org/formulas/organization-facts.ts'
import type { Org } from '../org/open-org.ts'
import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/object-definition.ts'
import type { MessageOf } from '../sender/sendable.ts'
import { chosenFields } from '../wire/wsdl.ts'
import type { HouseOptions } from './house-options.ts'

/** Writes down where the org answers, for every process of the store. */
export async function keepInstanceUrl(
  { stores, roles, publicUrl }: HouseOptions,
  url: string | null,
): Promise<void> {
  const known = publicUrl ?? url
  if (known !== null && roles.includes('org')) await stores.org.writeSetting(INSTANCE_URL, known)
}

/** Where the org answers, as far as anybody has said. */
export async function instanceUrlOf({
  stores,
  publicUrl,
}: Pick<HouseOptions, 'stores' | 'publicUrl'>): Promise<string> {
  return publicUrl ?? (await stores.org.readSetting(INSTANCE_URL)) ?? 'http://localhost'
}

/** What an outbound message's envelope says besides the records, from definitions new enough. */
export function sendables({ stores, publicUrl, clock }: HouseOptions, org: Org): MessageOf {
  const known = new WeakMap<ObjectDefinition, Map<OutboundMessage, readonly FieldDefinition[]>>()
  const fieldsOf = (message: OutboundMessage, object: ObjectDefinition) => {
    const chosen = known.get(object) ?? new Map<OutboundMessage, readonly FieldDefinition[]>()
    known.set(object, chosen)
    const fields = chosen.get(message) ?? chosenFields(object, message.fields)
    chosen.set(message, fields)
    return fields
  }
  const instanceUrl = rememberFor(SECOND_MS, clock, () => instanceUrlOf({ stores, publicUrl }))
  return async (outboundMessageId, definitionsVersion) => {
    const definitions = await org.refresh(definitionsVersion)
    const message = definitions.messageOfId(outboundMessageId)
    const object = message && definitions.objectOf(message.objectName)
    if (!message || !object) return null
    const fields = fieldsOf(message, object)
    return {
      message,
      schedule: message.schedule,
      fields,
      organizationId: org.organizationId,
      instanceUrl: await instanceUrl(),
    }
  }
}

/** Asks again only after a while, in real time. What fails is asked again at once. */
function rememberFor<T>(
  keptMs: number,
  clock: Pick<Clock, 'real'>,
  ask: () => Promise<T>,
): () => Promise<T> {
  let known: { readonly answer: Promise<T>; readonly until: Instant } | null = null
  return () => {
    if (known && clock.real() < known.until) return known.answer
    const answer = ask()
    known = { answer, until: clock.real() + keptMs }
    answer.catch(() => {
      known = null
    })
    return answer
  }
}
