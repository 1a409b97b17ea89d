import type { Instant } from '../base/clock.ts'
import type { JobConfig } from '../jobs/job-config.ts'
import type { JobMessage } from '../jobs/job-run.ts'
import { placeRun } from '../jobs/ordering/run-place.ts'
import { newRunId } from '../jobs/run-id.ts'
import { writeDjMessage } from '../wire/dj-message/write-dj-message.ts'
import type { Envelope, EnvelopeNotification } from '../wire/envelope.ts'
import type { Acceptance } from './inbox-store.ts'

/**
 * What an envelope is to be kept as: each notification with the run it starts if it is new. Pure
 * but for the ids.
 */
export function acceptanceOf(envelope: Envelope, config: JobConfig, now: Instant): Acceptance {
  return {
    jobConfigId: config.jobConfigId,
    organizationId: envelope.organizationId,
    receivedAt: now,
    notifications: envelope.notifications.map((notification) => ({
      notificationId: notification.notificationId,
      runId: newRunId(now),
      message: messageOf(envelope, notification, { name: config.messageName, now }),
      place: placeRun(config, {
        organizationId: envelope.organizationId,
        recordId: notification.sObject?.recordId ?? null,
        valueOf: (field) => textOf(notification, field),
      }),
    })),
    skipsStale: config.staleChanges === 'skip',
  }
}

/**
 * The DJMessage of one notification: its own document, and the envelope's facts but the session id.
 */
function messageOf(
  envelope: Envelope,
  notification: EnvelopeNotification,
  { name, now }: { readonly name: string; readonly now: Instant },
): JobMessage {
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['OrganizationId', envelope.organizationId],
    ['ActionId', envelope.actionId],
    ['NotificationId', notification.notificationId],
    ['ObjectType', notification.sObject?.type],
    ['RecordId', notification.sObject?.recordId],
    ['EnterpriseUrl', envelope.enterpriseUrl],
    ['PartnerUrl', envelope.partnerUrl],
    ['ReceivedAt', new Date(now).toISOString()],
  ]
  return {
    name,
    body: writeDjMessage(envelope, [notification]),
    properties: Object.fromEntries(facts.filter(([, value]) => value)) as Record<string, string>,
  }
}

/** Null where it is nil, empty or absent. */
function textOf({ sObject }: EnvelopeNotification, field: string): string | null {
  return sObject?.fields.find(({ name }) => name === field)?.value || null
}
