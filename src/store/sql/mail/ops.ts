import type { NamedOp } from '../op.ts'
import {
  countEmails,
  deleteEmails,
  listEmails,
  readEmail,
  retainEmails,
  retryEmails,
} from './emails.ts'
import { emailsAhead, expireEmails, keepEmail, leaseEmails, settleEmail } from './lease-emails.ts'

/** The ops of this folder, for the registry. */
export const MAIL_OPS: readonly NamedOp<never, unknown>[] = [
  countEmails,
  deleteEmails,
  emailsAhead,
  expireEmails,
  keepEmail,
  leaseEmails,
  listEmails,
  readEmail,
  retainEmails,
  retryEmails,
  settleEmail,
]
