import { EMAIL_LIFETIME_MS, type Email, type EmailState } from '../../mail/email.ts'
import type { EmailFilter, EmailOverview } from '../../mail/mail-store.ts'
import { ApiError } from '../api-error.ts'
import type { SetupPorts } from './setup-ports.ts'
import type { SetupRoute } from './setup-route.ts'
import { countOf, idOf, invalid, isoOf, textOf } from './setup-values.ts'

const LISTED_DEFAULT = 100
const LISTED_MAX = 2000
const OFFSET_MAX = 1_000_000
/** So many rows one retry or deletion touches unless the request says fewer. */
const CHANGED_MAX = 100_000

const STATES: readonly EmailState[] = ['waiting', 'sent', 'trapped', 'noRecipients', 'failed']

/**
 * `GET /emails?state=waiting,failed&recordId&alert=Object.Name&limit&offset` → `{"readAt", "total", "emails":
 *   [{"emailId","about","objectName","recordId","ruleFullName","userId","state","createdAt","dueAt","expiresAt",
 *   "settledAt","attemptCount","reason","subject","recipients","isLeased"}]}`, newest first; `about` is
 *   `{"kind":"alert","alertKey"}` or `{"kind":"assignment","assigneeId"}`
 *
 * `GET /emails/{emailId}` → one of them with `"composed": {"from","texts":[{"subject","text","html"}],"letters":
 *   [{"to","textIndex","state","answer"}],"remarks"} or null`; 404 NOT_FOUND
 *
 * `POST /emails/retry` and `/emails/del` with `{"emailIds":[…]}` and/or `{"recordId","alert","state"}`, or
 *   `{"all":true}` → `{"count"}`: what was sent is not sent again; what is being sent is not removed
 */
export function setupEmails({ mail, clock, nudgeMailer }: SetupPorts): readonly SetupRoute[] {
  return [
    {
      method: 'GET',
      path: '/emails',
      answer: async ({ query }) => {
        const filter = filterOf(Object.fromEntries(query))
        const limit = { name: 'limit', fallback: LISTED_DEFAULT, max: LISTED_MAX }
        const offset = { name: 'offset', fallback: 0, max: OFFSET_MAX, min: 0 }
        const [total, emails] = await Promise.all([
          mail.countEmails(filter),
          mail.listEmails({
            ...filter,
            limit: countOf(query.get('limit'), limit),
            offset: countOf(query.get('offset'), offset),
          }),
        ])
        return { readAt: isoOf(clock.now()), total, emails: emails.map(emailJson) }
      },
    },
    {
      method: 'GET',
      path: '/emails/:emailId',
      answer: async ({ parts }) => {
        const emailId = idOf(parts.emailId, 'emailId')
        const email = emailId ? await mail.readEmail(emailId) : null
        if (email) return emailJson(email)
        throw new ApiError(404, 'NOT_FOUND', `there is no e-mail ${parts.emailId}`)
      },
    },
    {
      method: 'POST',
      path: '/emails/retry',
      answer: async ({ body }) => {
        const now = clock.now()
        const times = { now, expiresAt: now + EMAIL_LIFETIME_MS }
        const count = await mail.retryEmails(changeFilter(body), times)
        nudgeMailer()
        return { count }
      },
    },
    {
      method: 'POST',
      path: '/emails/del',
      answer: async ({ body }) => ({ count: await mail.deleteEmails(changeFilter(body)) }),
    },
  ]
}

/** What is changed must be named: an empty request changes nothing by mistake. */
function changeFilter(
  body: Readonly<Record<string, unknown>>,
): EmailFilter & { readonly limit: number } {
  const emailIds = idsOf(body.emailIds)
  const filter = { ...filterOf(body), ...(emailIds && { emailIds }) }
  if (Object.keys(filter).length === 0 && body.all !== true) {
    throw invalid('say which: emailIds, recordId, alert, state, or "all": true for every one')
  }
  const limit = { name: 'limit', fallback: CHANGED_MAX, max: CHANGED_MAX }
  return { ...filter, limit: countOf(body.limit, limit) }
}

function filterOf(given: Readonly<Record<string, unknown>>): EmailFilter {
  const recordId = idOf(given.recordId, 'recordId')
  const alertKey = textOf(given.alert, 'alert')
  const states = textOf(given.state, 'state')?.split(',').map(stateOf)
  return {
    ...(recordId && { recordId }),
    ...(alertKey && { alertKey }),
    ...(states && { states }),
  }
}

function stateOf(text: string): EmailState {
  const state = STATES.find((each) => each.toLowerCase() === text.trim().toLowerCase())
  if (state) return state
  throw invalid(`state should be some of ${STATES.join(', ')}`)
}

function idsOf(value: unknown): EmailFilter['emailIds'] {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalid('emailIds should be an array of ids')
  return value.map((each) => {
    const id = idOf(each, 'emailIds')
    if (!id) throw invalid('emailIds should be an array of ids')
    return id
  })
}

/** An e-mail, or one in a list, with its instants as texts. */
function emailJson(email: Email | EmailOverview): unknown {
  const { createdAt, dueAt, expiresAt, settledAt } = email
  return {
    ...email,
    createdAt: isoOf(createdAt),
    dueAt: isoOf(dueAt),
    expiresAt: isoOf(expiresAt),
    settledAt: isoOf(settledAt),
  }
}
