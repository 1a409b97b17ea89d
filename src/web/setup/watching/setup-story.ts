import { type RecordStory, tellRecordStory } from '../../../story/record-story.ts'
import type { StoryNotification } from '../../../story/story-notification.ts'
import { ApiError } from '../../api-error.ts'
import { runJson } from '../runs/setup-runs.ts'
import type { SetupPorts } from '../setup-ports.ts'
import type { SetupRoute } from '../setup-route.ts'
import { idOf, invalid, isoOf } from '../setup-values.ts'

/**
 * `GET /story/{recordId}` → `{"readAt", "recordId","objectName","name","recordState","isComplete",
 *   "events": [{"at","kind","text","notificationId","emailId","attemptId","runId","traceId",
 *   "verdicts":[{"step","name","verdict","reason"}]}], "notifications": [{"notificationId",
 *   "outboundMessageId","outboundMessage","rule","state","createdAt","dueAt","expiredAt","failureReason",
 *   "whyNotYet","attempts":[{"attemptId","startedAt","durationMs","outcome","reason","httpStatus"}],
 *   "runs": as GET /runs has them, with "notificationId"}], "waitingEmails":[{"emailId","dueAt","reason"}],
 *   "timeEntries": [{"entryId","name","state","createdAt","dueAt","endedAt","failureReason","whyNotYet"}]}`: one record's
 *   way, as far as it is kept. 404
 * NOT_FOUND when there is no such record and nothing of it was sent.
 */
export function setupStory(ports: SetupPorts): readonly SetupRoute[] {
  return [
    {
      method: 'GET',
      path: '/story/:recordId',
      answer: async ({ parts }) => {
        const recordId = idOf(parts.recordId, 'recordId')
        if (!recordId) throw invalid('recordId is missing')
        const story = await tellRecordStory(ports, recordId)
        if (story.recordState === 'unknown' && story.notifications.length === 0) {
          throw new ApiError(
            404,
            'NOT_FOUND',
            `there is no record ${recordId}, and nothing of it was sent in the last seven days`,
          )
        }
        return { readAt: isoOf(ports.clock.now()), ...storyJson(story) }
      },
    },
  ]
}

function storyJson(story: RecordStory): object {
  return {
    ...story,
    events: story.events.map((event) => ({ ...event, at: isoOf(event.at) })),
    notifications: story.notifications.map(notificationJson),
    waitingEmails: story.waitingEmails.map((email) => ({ ...email, dueAt: isoOf(email.dueAt) })),
    timeEntries: story.timeEntries.map((entry) => ({
      ...entry,
      createdAt: isoOf(entry.createdAt),
      dueAt: isoOf(entry.dueAt),
      endedAt: isoOf(entry.endedAt),
    })),
  }
}

function notificationJson(notification: StoryNotification): unknown {
  const { createdAt, dueAt, expiredAt, attempts, runs } = notification
  return {
    ...notification,
    createdAt: isoOf(createdAt),
    dueAt: isoOf(dueAt),
    expiredAt: isoOf(expiredAt),
    attempts: attempts.map((attempt) => ({ ...attempt, startedAt: isoOf(attempt.startedAt) })),
    runs: runs.map(runJson),
  }
}
