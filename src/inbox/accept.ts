import type { Instant } from '../base/clock.ts'
import type { JobConfig } from '../jobs/job-config.ts'
import { placeRun } from '../jobs/ordering/run-place.ts'
import { newRunId } from '../jobs/run-id.ts'
import type { Envelope } from '../wire/envelope.ts'
import type { Acceptance } from './inbox-store.ts'
import { messageOf } from './message/compose-message.ts'
import { fieldText } from './message/infer-change-kind.ts'

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
      message: messageOf(envelope, [notification], { config, now }),
      place: placeRun(config, {
        organizationId: envelope.organizationId,
        recordId: notification.sObject?.recordId ?? null,
        valueOf: (field) => fieldText(notification.sObject, field),
      }),
    })),
    skipsStale: config.staleChanges === 'skip',
  }
}
