import type { OrgRecord } from '../schema/record.ts'
import { assignmentTemplate } from './assignment-template.ts'
import type { EmailAlert } from './definitions/email-alert.ts'
import type { EmailTemplate } from './definitions/email-template.ts'
import type { ComposedEmail, Letter, Mailbox, NewEmail } from './email.ts'
import type { MailDefinitions, MailOrg } from './mail-org.ts'
import {
  addressIn,
  personRecipient,
  type Recipient,
  type Resolution,
  textIn,
} from './recipients/recipient.ts'
import { resolveRecipients } from './recipients/resolve-recipients.ts'
import { type ParsedTemplate, parseTemplate } from './template/parse-template.ts'
import { type EmailText, headerText, renderTemplate } from './template/render-template.ts'

/** What writing an e-mail came to. */
export type Composition =
  | { readonly kind: 'composed'; readonly composed: ComposedEmail }
  | { readonly kind: 'nobody'; readonly reason: string }
  /** Its alert, template, record or sender is gone or broken. */
  | { readonly kind: 'unwritable'; readonly reason: string }

/** Bytes of all texts of one e-mail. */
export const EMAIL_BYTES_MAX = 2 * 1024 * 1024

/** What an e-mail is made of, before anybody is looked up. */
type Plan = {
  readonly alert: EmailAlert | null
  readonly template: EmailTemplate
  readonly record: OrgRecord
  readonly definitions: MailDefinitions
}

/** Writes an e-mail: finds whom it goes to and who sends it, and puts the record's values into the template. */
export async function composeEmail(org: MailOrg, email: NewEmail): Promise<Composition> {
  const plan = await planOf(org, email)
  if ('kind' in plan) return plan
  const reading = parseTemplate(plan.template)
  if (reading.kind === 'broken') {
    return unwritable(`the template ${plan.template.key} can't be used: ${reading.reason}`)
  }
  const { recipients, remarks } = await recipientsOf(org, email, plan)
  if (recipients.length === 0) {
    return { kind: 'nobody', reason: remarks.join('; ') || 'no recipient has an e-mail address' }
  }
  const from = await senderOf(org, email, plan)
  if (typeof from === 'string') return unwritable(from)

  const written = await write(org, email, { plan, template: reading.template, recipients })
  const size = written.texts.reduce((bytes, text) => bytes + sizeOf(text), 0)
  if (size > EMAIL_BYTES_MAX) {
    return unwritable(`its text has ${size} bytes, ${EMAIL_BYTES_MAX} at most`)
  }
  const letters = recipients.map(
    ({ address, name }, index): Letter => ({
      to: { address, name: headerText(name) },
      textIndex: written.texts.length > 1 ? index : 0,
      state: 'waiting',
      answer: null,
    }),
  )
  const composed = {
    from,
    texts: written.texts,
    letters,
    remarks: [...remarks, ...written.remarks],
  }
  return { kind: 'composed', composed }
}

function unwritable(reason: string): Composition {
  return { kind: 'unwritable', reason }
}

async function planOf(org: MailOrg, email: NewEmail): Promise<Plan | Composition> {
  const { about, objectName, recordId } = email
  const definitions = await org.definitions()
  const record = await org.recordOf(recordId)
  if (!record) return unwritable(`there is no record ${recordId} any more`)
  if (about.kind === 'assignment') {
    const object = definitions.objectOf(objectName)
    if (!object) return unwritable(`the object ${objectName} is gone from the org`)
    return { alert: null, template: assignmentTemplate(object), record, definitions }
  }
  const alert = definitions.alertOfKey(about.alertKey)
  if (!alert) return unwritable(`the e-mail alert ${about.alertKey} is gone from the project`)
  const template = definitions.templateOfKey(alert.template)
  if (!template) return unwritable(`there is no e-mail template ${alert.template}`)
  return { alert, template, record, definitions }
}

async function recipientsOf(
  org: MailOrg,
  { about }: NewEmail,
  { alert, record, definitions }: Plan,
): Promise<Resolution> {
  if (alert) return resolveRecipients({ directory: org, definitions, record }, alert)
  const assignee = about.kind === 'assignment' ? await org.recordOf(about.assigneeId) : null
  return assignee ? personRecipient(assignee) : { recipients: [], remarks: [] }
}

/** Who it is from, or why nobody: as the alert says. */
async function senderOf(
  org: MailOrg,
  email: NewEmail,
  { alert, definitions }: Plan,
): Promise<Mailbox | string> {
  const type = alert?.senderType ?? 'CurrentUser'
  if (type === 'OrgWideEmailAddress') {
    const address = addressIn(alert?.senderAddress ?? '')
    if (address === null) return `the alert's sender ${alert?.senderAddress} is no e-mail address`
    return { address, name: headerText(definitions.settings.name) }
  }
  const { defaultWorkflowUser } = definitions.settings
  if (type === 'DefaultWorkflowUser' && defaultWorkflowUser === null) {
    return 'there is no default workflow user: set org.defaultWorkflowUser'
  }
  const user =
    type === 'DefaultWorkflowUser'
      ? (await org.find('User', 'Username', [defaultWorkflowUser ?? '']))[0]
      : await org.recordOf(email.userId)
  const address = user
    ? addressIn(textIn(user, 'SenderEmail') ?? textIn(user, 'Email') ?? '')
    : null
  if (!user || address === null) {
    return `the sender ${user ? (textIn(user, 'Name') ?? email.userId) : defaultWorkflowUser} has no e-mail address`
  }
  return { address, name: headerText(textIn(user, 'SenderName') ?? textIn(user, 'Name') ?? '') }
}

type Written = { readonly texts: readonly EmailText[]; readonly remarks: readonly string[] }

/** One text for all, or one for each where the template speaks to its receiver. */
async function write(
  org: MailOrg,
  { userId }: NewEmail,
  what: {
    readonly plan: Plan
    readonly template: ParsedTemplate
    readonly recipients: readonly Recipient[]
  },
): Promise<Written> {
  const { plan, template, recipients } = what
  const receivers = template.usesReceiver ? recipients.map(({ record }) => record) : [null]
  const unknown = new Map<string, string>()
  const texts: EmailText[] = []
  let bytes = 0
  for (const receiver of receivers) {
    const { expressions } = template
    const ask = { record: plan.record, userId, receiver, expressions }
    const values = await org.mergeValues(ask)
    for (const [expression, value] of values) {
      if (value.kind === 'unknown') unknown.set(expression, value.reason)
    }
    const text = renderTemplate(template, values, plan.definitions.settings)
    texts.push(text)
    bytes += sizeOf(text)
    if (bytes > EMAIL_BYTES_MAX) break // it is given up for its size: no more need be made
  }
  const remarks = [...unknown].map(([expression, reason]) => `{!${expression}}: ${reason}`)
  return { texts, remarks: remarks.slice(0, REMARKS_MAX) }
}

const REMARKS_MAX = 50

function sizeOf({ subject, text, html }: EmailText): number {
  return Buffer.byteLength(subject) + Buffer.byteLength(text) + Buffer.byteLength(html ?? '')
}
