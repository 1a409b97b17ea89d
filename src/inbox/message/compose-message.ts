import type { Instant } from '../../base/clock.ts'
import type { JobConfig } from '../../jobs/job-config.ts'
import type { JobMessage } from '../../jobs/job-run.ts'
import { writeDjMessage } from '../../wire/dj-message/write-dj-message.ts'
import type { Envelope, EnvelopeNotification } from '../../wire/envelope.ts'
import { type FieldList, fieldListFor, withNulls } from '../../wire/field-list/field-list.ts'
import { inferChangeKind } from './infer-change-kind.ts'

/** A notification as a job gets it, and whether its job config's field list was its own. */
type Completed = EnvelopeNotification & {
  readonly list: FieldList | null
  readonly listUse: 'applied' | 'differs' | null
}

/**
 * The DJMessage of some of an envelope's notifications: a document of their own, in which a field that was chosen and is
 * absent is nil where the job config knows the fields, and the envelope's facts but the session id. A fact that is not the
 * same for all of them is left out.
 */
export function messageOf(
  envelope: Envelope,
  notifications: readonly EnvelopeNotification[],
  { config, now }: { readonly config: JobConfig; readonly now: Instant },
): JobMessage {
  const completed = notifications.map((each) => complete(each, envelope.actionId, config))
  const kinds = completed.map(({ sObject, list }) => inferChangeKind(sObject, list))
  const changeKind = common(kinds)
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['OrganizationId', envelope.organizationId],
    ['ActionId', envelope.actionId],
    ['NotificationId', common(notifications.map(({ notificationId }) => notificationId))],
    ['NotificationCount', notifications.length === 1 ? null : String(notifications.length)],
    ['ObjectType', common(notifications.map(({ sObject }) => sObject?.type))],
    ['RecordId', common(notifications.map(({ sObject }) => sObject?.recordId))],
    ['ChangeKind', changeKind],
    ['ChangeKindInferred', changeKind && 'true'],
    ['FieldList', common(completed.map(({ listUse }) => listUse))],
    ['EnterpriseUrl', envelope.enterpriseUrl],
    ['PartnerUrl', envelope.partnerUrl],
    ['ReceivedAt', new Date(now).toISOString()],
  ]
  return {
    name: config.messageName,
    body: writeDjMessage(envelope, completed),
    properties: Object.fromEntries(facts.filter(([, value]) => value)) as Record<string, string>,
  }
}

function complete(
  notification: EnvelopeNotification,
  actionId: string,
  { fieldLists }: JobConfig,
): Completed {
  const { sObject } = notification
  const list =
    sObject && fieldLists.length > 0
      ? fieldListFor(fieldLists, { actionId, objectName: sObject.type })
      : null
  if (!sObject || !list || inferChangeKind(sObject, list) === 'gone') {
    return { ...notification, list, listUse: null }
  }
  const whole = withNulls(sObject, list)
  if (!whole) return { ...notification, list: null, listUse: 'differs' }
  return { ...notification, sObject: whole, list, listUse: 'applied' }
}

function common<T>(values: readonly T[]): T | null {
  const [first = null] = values
  return values.every((value) => value === first) ? first : null
}
