import type { Org } from '../open-org.ts'
import { tellOfEntries } from '../time-queue/tell-of-entries.ts'
import type { Decision, WrittenRecord } from './decide-save.ts'
import type { OwedBySave } from './owed-by-save.ts'

/** Objects whose records the org keeps at hand. */
const PEOPLE: ReadonlySet<string> = new Set([
  'PermissionSetAssignment',
  'Profile',
  'User',
  'UserRole',
])
const NAMED: ReadonlySet<string> = new Set(['Group', 'RecordType', 'User', 'UserRole'])
/** Remarks remembered; beyond that they are told again. */
const REMARKS_MAX = 10_000

/** After the commit: one log line for each thing that happened, caches cleared, the sender woken. */
export function tellOfSave(
  org: Org,
  decision: Decision,
  { notifications, emails }: OwedBySave,
  user: string,
): void {
  for (const record of decision.written.values()) {
    if (record.isOnlyTouched) continue
    const { objectName, recordId, fields } = record.after
    const name = typeof fields.Name === 'string' ? fields.Name : null
    org.log.info('record.saved', { objectName, recordId, name, change: changeOf(record), user })
  }
  for (const { ruleFullName, recordId } of decision.fired) {
    org.log.info('rule.fired', { rule: ruleFullName, recordId })
  }
  for (const { flow, recordId } of decision.ran) org.log.info('flow.ran', { flow, recordId })
  for (const { notificationId, outboundMessageId, recordId } of notifications) {
    const outboundMessage =
      org.definitions().messageOfId(outboundMessageId)?.key ?? outboundMessageId
    org.log.info('notification.queued', { notificationId, outboundMessage, recordId })
  }
  tellOfEntries(org, decision)
  for (const { emailId, about, recordId } of emails) {
    const email = about.kind === 'alert' ? about.alertKey : 'assignment'
    org.log.info('email.queued', { emailId, about: email, recordId })
  }
  tellRemarks(org, decision)
  forgetWhatChanged(org, decision)
  if (notifications.length > 0) {
    org.onQueued([...new Set(notifications.map((each) => each.outboundMessageId))])
  }
  if (emails.length > 0) org.onEmailsOwed?.()
}

/** What a rule cannot do is said once, not with every record. */
function tellRemarks(org: Org, { remarks }: Decision): void {
  for (const { kind, rule, text } of remarks) {
    const key = `${kind} ${rule} ${text}`
    if (org.toldRemarks.has(key)) continue
    if (org.toldRemarks.size >= REMARKS_MAX) org.toldRemarks.clear()
    org.toldRemarks.add(key)
    if (kind === 'failed') org.log.warn('rule.failed', { rule, reason: text })
    else org.log.warn('action.not_executed', { rule, action: text })
  }
}

function forgetWhatChanged(org: Org, { written }: Decision): void {
  for (const { after } of written.values()) {
    if (PEOPLE.has(after.objectName)) org.users.forget()
    if (NAMED.has(after.objectName)) org.namedRecords.forget()
    const object = org.definitions().objectOf(after.objectName)
    if (object?.customSetting) org.customSettings.forget()
  }
}

function changeOf({ write }: WrittenRecord): 'created' | 'updated' | 'deleted' {
  switch (write) {
    case 'insert':
      return 'created'
    case 'update':
      return 'updated'
    case 'delete':
      return 'deleted'
  }
}
