import type { Org } from '../../org/open-org.ts'
import type { OrgDefinitions } from '../../org/org-definitions.ts'
import type { OutboxStore } from '../../outbox/outbox-store.ts'

/** So many are counted; then it reads "or more". */
const COUNTED_MAX = 1000

/** Tells of outbound messages that were there `before` and are not any more, while notifications of theirs wait. */
export async function tellOrphanedNotifications(
  org: Pick<Org, 'definitions' | 'log'>,
  outbox: Pick<OutboxStore, 'list'>,
  before: OrgDefinitions,
): Promise<void> {
  const now = org.definitions()
  const gone = before.outboundMessages.filter(({ key }) => now.messageOfKey(key) === undefined)
  for (const { key, outboundMessageId } of gone) {
    const filter = { outboundMessageId, state: 'waiting', limit: COUNTED_MAX } as const
    const { length } = await outbox.list(filter)
    if (length === 0) continue
    const count = length < COUNTED_MAX ? `${length}` : `${length} or more`
    org.log.warn('message.gone', { outboundMessage: key, count })
  }
}
