import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../base/log.ts'
import type { Email } from '../../mail/email.ts'
import type { MailStore } from '../../mail/mail-store.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import { ApiError } from '../api-error.ts'
import type { OrgApi } from '../salesforce/org-api.ts'
import { headerToken, requireSetup, signIn } from '../salesforce/sign-in.ts'
import { answerSetupErrors } from '../setup/answer-setup-errors.ts'
import { MAIL_HTML_HEADERS, MAIL_PAGE_HEADERS, mailListPage, mailPage } from './mail-page.ts'

export type MailPagePorts = {
  readonly org: Pick<OrgApi, 'sessionUser' | 'login'>
  readonly mail: Pick<MailStore, 'listEmails' | 'countEmails' | 'readEmail'>
  /** E-mails go nowhere. */
  readonly isTrap: boolean
  readonly log: Log
}

const LISTED_MAX = 200
const COOKIE = 'obm_dev'

/**
 * `GET /dev/mail` and `/dev/mail/{emailId}`: the e-mails of `obm dev`, for people with a browser. It asks for user name
 * and password of a user who may see Setup, once; programs send their token, and better use `/setup/api/emails`.
 */
export function mailRoutes({ org, mail, isTrap, log }: MailPagePorts): FastifyPluginAsync {
  return async (app) => {
    answerSetupErrors(app, log)
    app.addHook('onRequest', (request, reply) => signInPerson(org, request, reply))
    app.get('/dev/mail', async (_request, reply) => {
      const [total, emails] = await Promise.all([
        mail.countEmails({}),
        mail.listEmails({ limit: LISTED_MAX, offset: 0 }),
      ])
      return reply.headers(MAIL_PAGE_HEADERS).send(mailListPage(emails, { total, isTrap }))
    })
    app.get('/dev/mail/:emailId', async (request, reply) => {
      const email = await emailOf(mail, request)
      return reply.headers(MAIL_PAGE_HEADERS).send(mailPage(email))
    })
    app.get('/dev/mail/:emailId/html/:index', async (request, reply) => {
      const email = await emailOf(mail, request)
      const { index = '' } = request.params as { readonly index?: string }
      const html = /^\d{1,4}$/.test(index) ? email.composed?.texts[Number(index)]?.html : null
      if (!html) throw new ApiError(404, 'NOT_FOUND', 'the e-mail has no such HTML text')
      return reply.headers(MAIL_HTML_HEADERS).send(html)
    })
  }
}

async function emailOf(mail: MailPagePorts['mail'], request: FastifyRequest): Promise<Email> {
  const { emailId = '' } = request.params as { readonly emailId?: string }
  const id = tryRecordId(emailId)
  const email = id === null ? null : await mail.readEmail(id)
  if (email) return email
  throw new ApiError(404, 'NOT_FOUND', `there is no e-mail ${emailId.slice(0, 100)}`)
}

/** A browser asks for the password by itself; the session that it opens comes back in a cookie of these pages alone. */
async function signInPerson(
  org: MailPagePorts['org'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const token = headerToken(request) ?? cookieOf(request)
  const known = token === null ? null : await org.sessionUser(token)
  if (known) return requireSetup(known)
  const given = basicOf(request)
  if (!given) {
    reply.header('www-authenticate', 'Basic realm="obm dev", charset="UTF-8"')
    throw new ApiError(401, 'INVALID_SESSION_ID', 'sign in with the user that obm dev printed')
  }
  const session = await org.login(given.username, given.password)
  requireSetup(await signIn(org, session.token))
  reply.header('set-cookie', `${COOKIE}=${session.token}; Path=/dev; HttpOnly; SameSite=Strict`)
}

function cookieOf({ headers }: FastifyRequest): string | null {
  const cookies = (headers.cookie ?? '').split(';').map((each) => each.trim())
  const own = cookies.find((each) => each.startsWith(`${COOKIE}=`))
  return own === undefined ? null : own.slice(COOKIE.length + 1)
}

function basicOf({
  headers,
}: FastifyRequest): { readonly username: string; readonly password: string } | null {
  const [, encoded] =
    /^Basic\s+([A-Za-z0-9+/=]{1,4000})\s*$/i.exec(headers.authorization ?? '') ?? []
  if (encoded === undefined) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}
