import { randomUUID } from 'node:crypto'
import type { EmailFilter, MailStore } from '../../../mail/mail-store.ts'
import type { OpRunner } from '../op.ts'
import {
  countEmails,
  deleteEmails,
  listEmails,
  RETRY_SLICE,
  readEmail,
  retainEmails,
  retryEmails,
} from './emails.ts'
import {
  EMAILS_SLICE,
  emailsAhead,
  expireEmails,
  keepEmail,
  leaseEmails,
  settleEmail,
} from './lease-emails.ts'

/** Lists of very many e-mails may be slow; nothing else waits behind them. */
const LIST_DEADLINE_MS = 10_000

/** Owed and sent e-mails over either database. What may touch very many rows goes in slices, each an op of its own. */
export function openMailStore(runner: OpRunner): MailStore {
  return {
    leaseEmails: (ask) => runner.write(leaseEmails, { ...ask, token: randomUUID() }),
    keepEmail: (lease, composed, leaseMs) => runner.write(keepEmail, { lease, composed, leaseMs }),
    settleEmail: (lease, settled) => runner.write(settleEmail, { lease, ...settled }),
    expireEmails: async (now) => {
      let expired = 0
      for (let slice = EMAILS_SLICE; slice >= EMAILS_SLICE; expired += slice) {
        slice = await runner.write(expireEmails, now)
      }
      return expired
    },
    emailsAhead: () => runner.read(emailsAhead, null),

    readEmail: (emailId) => runner.read(readEmail, emailId),
    listEmails: (filter) => runner.readWithin(listEmails, filter, LIST_DEADLINE_MS),
    countEmails: (filter) => runner.readWithin(countEmails, filter, LIST_DEADLINE_MS),
    retryEmails: (filter, times) => retryAll(runner, filter, times),
    deleteEmails: async (filter) => {
      let deleted = 0
      for (let slice = 1; slice > 0 && deleted < filter.limit; deleted += slice) {
        const limit = Math.min(filter.limit - deleted, EMAILS_SLICE)
        slice = await runner.write(deleteEmails, { ...filter, limit })
      }
      return deleted
    },
    retainEmails: (ends) => runner.write(retainEmails, ends),
  }
}

async function retryAll(
  runner: OpRunner,
  filter: EmailFilter & { readonly limit: number },
  times: { readonly now: number; readonly expiresAt: number },
): Promise<number> {
  let retried = 0
  let after: string | null = ''
  while (after !== null && retried < filter.limit) {
    const limit = Math.min(filter.limit - retried, RETRY_SLICE)
    const slice: { count: number; last: string | null } = await runner.write(retryEmails, {
      ...filter,
      ...times,
      limit,
      after,
    })
    retried += slice.count
    after = slice.last
  }
  return retried
}
