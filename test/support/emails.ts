import type { ComposedEmail, NewEmail } from '../../src/mail/email.ts'
import { makeRecordId } from '../../src/schema/record-id.ts'
import { NOON } from './test-clock.ts'

const DAY_MS = 86_400_000

/** Owed e-mails of an alert about accounts, the first made at noon. */
export function newEmails(count: number, more: Partial<NewEmail> = {}): readonly NewEmail[] {
  return Array.from({ length: count }, (_, index) => ({
    emailId: makeRecordId('02s', index + 1),
    about: { kind: 'alert' as const, alertKey: 'Account.Welcome' },
    objectName: 'Account',
    recordId: makeRecordId('001', index + 1),
    ruleFullName: 'Greet',
    userId: makeRecordId('005', 1),
    createdAt: NOON + index,
    expiresAt: NOON + index + DAY_MS,
    ...more,
  }))
}

/** An e-mail as it was written, with a letter to each address. */
export function composedTo(...addresses: readonly string[]): ComposedEmail {
  return {
    from: { name: 'OBM', address: 'obm@example.com' },
    texts: [{ subject: 'Hello', text: 'Hello there.', html: null }],
    letters: addresses.map((address) => ({
      to: { name: '', address },
      textIndex: 0,
      state: 'waiting' as const,
      answer: null,
    })),
    remarks: [],
  }
}
