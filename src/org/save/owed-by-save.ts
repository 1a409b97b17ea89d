import { EMAIL_LIFETIME_MS, type NewEmail } from '../../mail/email.ts'
import type { NewNotification } from '../../outbox/notification.ts'
import { KEY_PREFIX, type RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import type { Decision } from './decide-save.ts'

/** What a save owes besides its records: part of the same commit. */
export type OwedBySave = {
  readonly notifications: readonly NewNotification[]
  readonly emails: readonly NewEmail[]
}

/** Gives what a decision owes ids and lifetimes; of outbound messages that are gone nothing is owed. */
export async function owedBySave(
  org: Org,
  decision: Decision,
  userId: RecordId,
): Promise<OwedBySave> {
  return {
    notifications: await newNotifications(org, decision),
    emails: await newEmails(org, decision, userId),
  }
}

async function newNotifications(org: Org, { owed }: Decision): Promise<readonly NewNotification[]> {
  const createdAt = org.clock.now()
  const sendable = owed.flatMap((each) => {
    const message = org.definitions().messageOfKey(each.outboundMessageKey)
    return message ? [{ ...each, message }] : []
  })
  const ids = await org.serials.takeIds(KEY_PREFIX.notification, sendable.length)
  return sendable.flatMap(({ message, objectName, recordId, ruleFullName }, place) => {
    const notificationId = ids[place]
    if (!notificationId) return []
    const { outboundMessageId, schedule } = message
    const expiresAt = createdAt + schedule.lifetimeMs
    const what = { notificationId, outboundMessageId, objectName, recordId, ruleFullName }
    return [{ ...what, createdAt, expiresAt }]
  })
}

async function newEmails(
  org: Org,
  { emails }: Decision,
  userId: RecordId,
): Promise<readonly NewEmail[]> {
  const createdAt = org.clock.now()
  const expiresAt = createdAt + EMAIL_LIFETIME_MS
  const ids = await org.serials.takeIds(KEY_PREFIX.email, emails.length)
  return emails.flatMap((each, place) => {
    const emailId = ids[place]
    return emailId ? [{ ...each, emailId, userId, createdAt, expiresAt }] : []
  })
}
