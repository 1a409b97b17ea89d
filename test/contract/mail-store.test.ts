import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { NewEmail } from '../../src/mail/email.ts'
import type { LeasedEmail, MailStore } from '../../src/mail/mail-store.ts'
import { composedTo, newEmails } from '../support/emails.ts'
import { lapseLeases } from '../support/lapse-leases.ts'
import { type StoreUnderTest, storesUnderTest } from '../support/stores.ts'
import { NOON } from '../support/test-clock.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

for (const store of storesUnderTest()) mailStoreContract(store)

async function setup(t: TestContext, store: StoreUnderTest, owed: readonly NewEmail[]) {
  const { org, mail, url } = await store.open(t)
  await org.commit({ records: [], notifications: [], emails: owed, expectations: [] })
  return { mail, org, url }
}

function ask(limit = 10, now = NOON + MINUTE_MS) {
  return { limit, now, leaseMs: MINUTE_MS }
}

async function leaseOne(mail: MailStore, now?: number): Promise<LeasedEmail> {
  const [leased] = await mail.leaseEmails(ask(1, now))
  return leased ?? assert.fail('nothing is due')
}

function mailStoreContract(store: StoreUnderTest): void {
  describe(`mail store: ${store.name}`, () => {
    test('what a commit owes is leased once, the longest due first', async (t) => {
      const { mail } = await setup(t, store, newEmails(3))

      const [first] = await Promise.all([mail.leaseEmails(ask(2)), mail.leaseEmails(ask(2))])
      const others = await mail.leaseEmails(ask(5))

      assert.deepEqual(
        first?.map(({ email }) => email.emailId),
        newEmails(2).map(({ emailId }) => emailId),
      )
      assert.equal(first?.[0]?.email.attemptCount, 1)
      assert.deepEqual(first?.[0]?.email.about, { kind: 'alert', alertKey: 'Account.Welcome' })
      assert.equal(others.length, 0)
      assert.deepEqual(await mail.emailsAhead(), { leasedCount: 3, dueAt: null })
    })

    test('a commit that fails owes no e-mail', async (t) => {
      const { mail, org } = await setup(t, store, [])
      const twice = [...newEmails(1), ...newEmails(1)]
      await assert.rejects(
        org.commit({ records: [], notifications: [], emails: twice, expectations: [] }),
      )
      assert.equal(await mail.countEmails({}), 0)
    })

    test('who outlived the lease writes nothing, and somebody else sends what was kept', async (t) => {
      const { mail, url } = await setup(t, store, newEmails(1))
      const late = await leaseOne(mail)
      const composed = composedTo('ann@example.com')
      assert.equal(await mail.keepEmail(late.lease, composed, MINUTE_MS), 'kept')

      await lapseLeases(url)
      const current = await leaseOne(mail)

      assert.deepEqual(current.email.composed, composed)
      assert.equal(current.email.attemptCount, 2)
      const settlement = { kind: 'sent' as const, reason: null }
      const settled = { settlement, composed, now: NOON }
      assert.equal(await mail.keepEmail(late.lease, composed, MINUTE_MS), 'lease lost')
      assert.equal(await mail.settleEmail(late.lease, settled), 'lease lost')
      assert.equal(await mail.settleEmail(current.lease, settled), 'settled')
      assert.equal(await mail.settleEmail(current.lease, settled), 'lease lost')
    })

    test('an e-mail that is put off is due later; one that is given back is due at once', async (t) => {
      const { mail } = await setup(t, store, newEmails(2))
      const first = await leaseOne(mail)
      const second = await leaseOne(mail)

      const dueAt = NOON + HOUR_MS
      const retry = { kind: 'retry' as const, dueAt, reason: 'no answer' }
      await mail.settleEmail(first.lease, { settlement: retry, composed: null, now: NOON })
      const released = { kind: 'released' as const }
      await mail.settleEmail(second.lease, { settlement: released, composed: null, now: NOON })

      const again = await leaseOne(mail)
      assert.equal(again.email.emailId, second.email.emailId)
      assert.equal(again.email.attemptCount, 1, 'the attempt that was given back does not count')
      assert.deepEqual(await mail.emailsAhead(), { leasedCount: 1, dueAt })
      assert.equal((await leaseOne(mail, dueAt)).email.reason, 'no answer')
    })

    test('what outlives its lifetime is given up, but for what is being sent', async (t) => {
      const { mail } = await setup(t, store, newEmails(2))
      const held = await leaseOne(mail)

      assert.equal(await mail.expireEmails(NOON + HOUR_MS), 0)
      assert.equal(await mail.expireEmails(NOON + DAY_MS + 1), 1)

      const [failed] = await mail.listEmails({ states: ['failed'], limit: 5, offset: 0 })
      assert.match(failed?.reason ?? '', /24 hours/)
      assert.equal(failed?.settledAt, NOON + DAY_MS + 1)
      assert.equal((await mail.readEmail(held.email.emailId))?.state, 'waiting')
      assert.deepEqual(await mail.leaseEmails(ask(5, NOON + DAY_MS + 1)), [])
    })

    test('a person finds e-mails, sends what was refused once more, and removes them', async (t) => {
      const { mail } = await setup(t, store, newEmails(3))
      const { lease } = await leaseOne(mail)
      const [taken, refused] = composedTo('ann@example.com', 'bob@example.com').letters
      const composed = {
        ...composedTo(),
        letters: [
          { ...(taken ?? assert.fail()), state: 'taken' as const, answer: '250' },
          { ...(refused ?? assert.fail()), state: 'refused' as const, answer: '550' },
        ],
      }
      const settlement = { kind: 'failed' as const, reason: 'refused' }
      await mail.settleEmail(lease, { settlement, composed, now: NOON })

      const filter = { states: ['failed' as const], limit: 10 }
      const [listed] = await mail.listEmails({ ...filter, offset: 0 })
      assert.equal(listed?.subject, 'Hello')
      assert.equal(listed?.recipients, 'ann@example.com, bob@example.com')
      const times = { now: NOON + HOUR_MS, expiresAt: NOON + DAY_MS }
      assert.equal(await mail.retryEmails(filter, times), 1)
      assert.equal(await mail.retryEmails(filter, times), 0)

      const again = await mail.readEmail(lease.emailId)
      assert.equal(again?.state, 'waiting')
      assert.deepEqual(
        again?.composed?.letters.map(({ state }) => state),
        ['taken', 'waiting'],
      )
      const own = { recordId: newEmails(2)[1]?.recordId ?? assert.fail() }
      assert.equal(await mail.countEmails(own), 1)
      assert.equal(await mail.countEmails({ alertKey: 'ACCOUNT.welcome' }), 3)
      const held = await leaseOne(mail, NOON + HOUR_MS)
      assert.equal(await mail.deleteEmails({ limit: 10 }), 2, 'but for the one that is being sent')
      assert.equal((await mail.readEmail(held.email.emailId))?.emailId, held.email.emailId)
    })

    test('what was settled long ago ends, and the oldest of too many', async (t) => {
      const { mail } = await setup(t, store, newEmails(4))
      for (const after of [0, 1, 2, 3]) {
        const { lease } = await leaseOne(mail)
        const settlement = { kind: 'sent' as const, reason: null }
        const now = NOON + after * HOUR_MS
        await mail.settleEmail(lease, { settlement, composed: null, now })
      }
      const retained = await mail.retainEmails({ settledBefore: NOON + 1, settledMax: 2 })

      assert.equal(retained, 2)
      const left = await mail.listEmails({ limit: 5, offset: 0 })
      assert.deepEqual(
        left.map(({ settledAt }) => settledAt),
        [NOON + 3 * HOUR_MS, NOON + 2 * HOUR_MS],
      )
    })
  })
}
