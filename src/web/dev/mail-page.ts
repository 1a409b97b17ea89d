import { escapeXmlText } from '../../base/xml.ts'
import type { ComposedEmail, Email } from '../../mail/email.ts'
import type { EmailOverview } from '../../mail/mail-store.ts'

/** The pages allow themselves the front page's style sheet and frames of their own, no script, no other site. */
export const MAIL_PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/** An e-mail's own HTML: nothing in it runs, nothing is fetched, and it is in a world of its own. */
export const MAIL_HTML_HEADERS = {
  ...MAIL_PAGE_HEADERS,
  'content-security-policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
} as const

const STYLE_PATH = '/front-page.css'

/** The page of all e-mails, newest first. */
export function mailListPage(
  emails: readonly EmailOverview[],
  facts: { readonly total: number; readonly isTrap: boolean },
): string {
  const how = facts.isTrap
    ? 'There is no mail server: e-mails are kept here and go nowhere. Set OBM_SMTP_URL to send them.'
    : 'E-mails go out by the mail server of OBM_SMTP_URL.'
  const rows = emails.map(
    (email) =>
      `<tr><td>${shownTime(email.createdAt)}</td><td>${escapeXmlText(email.state)}</td>` +
      `<td>${escapeXmlText(email.recipients ?? '')}</td>` +
      `<td><a href="/dev/mail/${email.emailId}">${escapeXmlText(email.subject || aboutOf(email))}</a></td>` +
      `<td>${escapeXmlText(email.reason ?? '')}</td></tr>`,
  )
  const table =
    rows.length === 0
      ? '<p>No e-mail has been owed yet.</p>'
      : `<table><thead><tr><th>When</th><th>State</th><th>To</th><th>Subject</th><th>Reason</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`
  return page(
    'E-mails',
    `<p>${escapeXmlText(how)} ${emails.length} of ${facts.total} shown.</p>${table}`,
  )
}

/** The page of one e-mail: who gets which text, the text, the HTML in a frame and as its source. */
export function mailPage(email: Email): string {
  const { emailId, composed } = email
  const rows: [string, string][] = [
    ['State', email.state],
    ['About', aboutOf(email)],
    ['Record', `${email.objectName} ${email.recordId}`],
    ['Rule', email.ruleFullName],
    ['Queued', shownTime(email.createdAt)],
    ['Attempts', String(email.attemptCount)],
    ...(email.reason === null ? [] : [['Reason', email.reason] as [string, string]]),
    ...(composed ? letterRows(composed) : []),
  ]
  const terms = rows.map(
    ([term, text]) => `<dt>${escapeXmlText(term)}</dt><dd>${escapeXmlText(text)}</dd>`,
  )
  const texts = composed?.texts.map((text, index) => {
    const html =
      text.html === null
        ? ''
        : `<h3>HTML</h3><iframe title="HTML of the e-mail" sandbox src="/dev/mail/${emailId}/html/${index}" width="100%" height="400"></iframe>
<details><summary>Source</summary><pre>${escapeXmlText(text.html)}</pre></details>`
    return `<h2>${escapeXmlText(text.subject)}</h2>${html}<h3>Text</h3><pre>${escapeXmlText(text.text)}</pre>`
  })
  const body = texts?.join('\n') ?? '<p>It has not been written yet.</p>'
  return page(
    composed?.texts[0]?.subject || 'E-mail',
    `<p><a href="/dev/mail">All e-mails</a></p><dl>${terms.join('\n')}</dl>${body}`,
  )
}

function letterRows({ from, letters, remarks }: ComposedEmail): readonly [string, string][] {
  return [
    ['From', mailboxText(from)],
    ...letters.map(({ to, state, answer }): [string, string] => [
      'To',
      `${mailboxText(to)}: ${state}${answer === null ? '' : `, ${answer}`}`,
    ]),
    ...remarks.map((remark): [string, string] => ['Remark', remark]),
  ]
}

function mailboxText({ name, address }: ComposedEmail['from']): string {
  return name === '' ? address : `${name} <${address}>`
}

function aboutOf({ about }: Pick<Email, 'about'>): string {
  return about.kind === 'alert' ? about.alertKey : `assigned to ${about.assigneeId}`
}

function shownTime(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19)
}

function page(title: string, content: string): string {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeXmlText(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${STYLE_PATH}"></head>
<body><main><h1>${escapeXmlText(title)}</h1>
${content}
</main></body></html>
`
}
