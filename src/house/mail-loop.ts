import { type Mailer, openMailer } from '../mail/mailer.ts'
import { openOrgForMail } from '../org/mail/org-for-mail.ts'
import type { Org } from '../org/open-org.ts'
import type { HouseOptions } from './house-options.ts'
import { instanceUrlOf } from './instance-url.ts'

/** The mail loop of a process that sends; null in others. Without a mail server it says so, and how much waits. */
export async function openMailLoop(options: HouseOptions, org: Org): Promise<Mailer | null> {
  const { stores, roles, clock, log, mailTransport: transport } = options
  if (!roles.includes('sender')) return null
  if (transport === null) {
    const waiting = await stores.mail.countEmails({ states: ['waiting'] })
    const reason = 'OBM_SMTP_URL names no mail server: e-mails wait for one as long as they live'
    log.warn('email.held', { waiting, reason })
  }
  return openMailer({
    store: stores.mail,
    org: openOrgForMail(org, () => instanceUrlOf(options)),
    transport,
    clock,
    log,
  })
}
