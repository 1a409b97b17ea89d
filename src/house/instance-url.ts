import { INSTANCE_URL } from '../org/formulas/organization-facts.ts'
import type { Org } from '../org/open-org.ts'
import { fieldOf } from '../schema/object-definition.ts'
import type { MessageOf } from '../sender/sendable.ts'
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
export function sendables({ stores, publicUrl }: HouseOptions, org: Org): MessageOf {
  return async (outboundMessageId, definitionsVersion) => {
    const definitions = await org.refresh(definitionsVersion)
    const message = definitions.messageOfId(outboundMessageId)
    const object = message && definitions.objectOf(message.objectName)
    if (!message || !object) return null
    const fields = message.fields.flatMap((name) => fieldOf(object, name) ?? [])
    return {
      message,
      schedule: message.schedule,
      fields,
      organizationId: org.organizationId,
      instanceUrl: await instanceUrlOf({ stores, publicUrl }),
    }
  }
}
