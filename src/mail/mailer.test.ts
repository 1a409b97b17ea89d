import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { newEmails } from '../../test/support/emails.ts'
import { lapseLeases } from '../../test/support/lapse-leases.ts'
import {
  alertOf,
  mailOrg,
  record,
  templateOf,
  textValue,
  user,
} from '../../test/support/mail-org.ts'
import { openTestLog } from '../../test/support/receiving.ts'
import { storesUnderTest } from '../../test/support/stores.ts'
import { testClock } from '../../test/support/test-clock.ts'
import type { EmailState } from './email.ts'
import { openMailer } from './mailer.ts'
import type { LetterOutcome, OutgoingLetter, Transport } from './transport.ts'
import { TRAP } from './transport.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

const [sqlite] = storesUnderTest()

type Answer = (letter: OutgoingLetter) => LetterOutcome

const TAKEN: LetterOutcome = { kind: 'taken', answer: '250 ok' }
const DOWN: LetterOutcome = { kind: 'deferred', answer: 'connect ECONNREFUSED', isServer: true }

/** A mail server in the hand: what it answers, and what it was given. */
function openTestTransport() {
  const sent: OutgoingLetter[] = []
  const transport = {
    isTrap: false,
    answer: (() => TAKEN) as Answer,
    send: async (letter: OutgoingLetter) => {
      sent.push(letter)
      return transport.answer(letter)
    },
    close: () => {},
  }
  return { transport, sent, to: () => sent.map(({ to }) => to.address) }
}

async function setup(t: TestContext, { count = 1, lines = ['ann', 'bob'] } = {}) {
  const { org: records, mail, url } = (await sqlite?.open(t)) ?? assert.fail()
  const emails = newEmails(count, { recordId: record('Account', 1).recordId })
  await records.commit({ records: [], notifications: [], emails, expectations: [] })
  let name = 'Acme'
  const org = mailOrg({
    records: [user(1, 'Anna'), record('Account', 1)],
    alerts: [alertOf({ recipients: [], ccEmails: lines.map((each) => `${each}@example.com`) })],
    templates: [templateOf({ subject: 'About {!Account.Name}' })],
    mergeValue: () => textValue(name),
  })
  const [clock, log, smtp] = [testClock(), openTestLog(), openTestTransport()]
  const open = (transport: Transport | null = smtp.transport) =>
    openMailer({ store: mail, org, transport, clock, log })
  const emailId = emails[0]?.emailId ?? assert.fail()
  return {
    ...smtp,
    mail,
    clock,
    log,
    open,
    url,
    rename: (to: string) => {
      name = to
    },
    stateOf: async () => (await mail.readEmail(emailId)) ?? assert.fail(),
    count: (state: EmailState) => mail.countEmails({ states: [state] }),
  }
}

test('an owed e-mail is written, sent and settled in a turn, with ids that stay the same', async (t) => {
  const { open, sent, to, stateOf, log } = await setup(t)
  assert.equal(await open().turn(), 'worked')

  assert.deepEqual(to(), ['ann@example.com', 'bob@example.com'])
  assert.equal(sent[0]?.subject, 'About Acme')
  assert.match(sent[1]?.messageId ?? '', /^<02s\w{15}\.1@example\.com>$/)
  const { state, reason, composed } = await stateOf()
  assert.deepEqual([state, reason, composed?.letters[0]?.answer], ['sent', null, '250 ok'])
  const line = log.lines.find(({ event }) => event === 'email.sent')
  assert.equal(line?.fields.about, 'Account.Welcome')
})

test('while the mail server is down e-mails wait, each with its own back-off, one at a time', async (t) => {
  const { open, sent, transport, clock, count, stateOf } = await setup(t, { count: 6 })
  const mailer = open()
  transport.answer = () => DOWN
  clock.advance(1000)

  await mailer.turn()
  assert.equal(sent.length, 4, 'the first turn has four in hand, and each asks once')
  await mailer.turn()
  assert.equal(sent.length, 5)
  assert.equal(await count('waiting'), 6)
  const waiting = await stateOf()
  assert.equal(waiting.dueAt, clock.now() + MINUTE_MS)
  assert.match(
    waiting.reason ?? '',
    /^ann@example\.com: connect ECONNREFUSED \(2 of 2 addresses\)$/,
  )

  transport.answer = () => TAKEN
  clock.advance(MINUTE_MS)
  await mailer.turn()
  await mailer.turn()
  await mailer.turn()
  assert.equal(await count('sent'), 6)
})

test('a later attempt sends the text of the first, to those who have not got it', async (t) => {
  const { open, to, sent, transport, clock, rename, stateOf } = await setup(t)
  const mailer = open()
  transport.answer = (letter) =>
    letter.to.address === 'bob@example.com'
      ? { kind: 'deferred', answer: '451 greylisted', isServer: false }
      : TAKEN
  await mailer.turn()
  assert.equal((await stateOf()).state, 'waiting')

  rename('Acme Ltd')
  transport.answer = () => TAKEN
  clock.advance(MINUTE_MS)
  await mailer.turn()

  assert.deepEqual(to(), ['ann@example.com', 'bob@example.com', 'bob@example.com'])
  assert.equal(sent[2]?.subject, 'About Acme')
  assert.equal(sent[2]?.messageId, sent[1]?.messageId)
  assert.equal((await stateOf()).state, 'sent')
})

test('what is refused for good is not tried again, and harms nobody else', async (t) => {
  const { open, transport, stateOf, sent } = await setup(t)
  transport.answer = (letter) =>
    letter.to.address === 'ann@example.com'
      ? { kind: 'refused', answer: '550 no such user' }
      : TAKEN
  await open().turn()
  const partly = await stateOf()
  assert.equal(partly.state, 'sent')
  assert.equal(partly.reason, 'ann@example.com: 550 no such user (1 of 2 addresses)')
  assert.equal(sent.length, 2)
})

test('an e-mail that everybody refuses has failed, and a person may retry it', async (t) => {
  const { open, transport, stateOf, mail, clock, to } = await setup(t, { lines: ['ann'] })
  const mailer = open()
  transport.answer = () => ({ kind: 'refused', answer: '550 no' })
  await mailer.turn()
  assert.equal((await stateOf()).state, 'failed')

  transport.answer = () => TAKEN
  const times = { now: clock.now(), expiresAt: clock.now() + HOUR_MS }
  assert.equal(await mail.retryEmails({ limit: 10 }, times), 1)
  await mailer.turn()
  assert.deepEqual(to(), ['ann@example.com', 'ann@example.com'])
  assert.equal((await stateOf()).state, 'sent')
})

test('after its 24 hours an e-mail is given up, with the last reason', async (t) => {
  const { open, transport, clock, stateOf } = await setup(t)
  const mailer = open()
  transport.answer = () => DOWN
  for (let hours = 0; hours <= 25; hours += 1) {
    await mailer.turn()
    clock.advance(HOUR_MS)
  }
  const { state, reason } = await stateOf()
  assert.equal(state, 'failed')
  assert.match(reason ?? '', /ECONNREFUSED/)
})

test('without a mail server nothing is attempted, and what outlives its lifetime is told', async (t) => {
  const { open, clock, stateOf, log } = await setup(t)
  const mailer = open(null)
  assert.equal(await mailer.turn(), 'idle')
  assert.equal((await stateOf()).attemptCount, 0)
  clock.advance(25 * HOUR_MS)
  await mailer.turn()
  assert.equal((await stateOf()).state, 'failed')
  assert.ok(log.lines.some(({ event }) => event === 'email.expired'))
})

test('with the trap in place of a mail server e-mails are kept to be looked at', async (t) => {
  const { open, stateOf } = await setup(t)
  await open(TRAP).turn()
  const { state, composed } = await stateOf()
  assert.equal(state, 'trapped')
  assert.equal(composed?.texts[0]?.subject, 'About Acme')
})

test('who dies in the middle loses no e-mail: somebody else sends it, and the late one settles nothing', async (t) => {
  const { open, transport, url, stateOf, log, to, sent, rename } = await setup(t, {
    lines: ['ann'],
  })
  const late = open()
  const other = open()
  transport.answer = () => TAKEN
  const send = transport.send
  transport.send = async (letter) => {
    transport.send = send
    rename('Acme Ltd')
    await lapseLeases(url) // as if this process had stood still for two minutes
    await other.turn()
    return send(letter)
  }
  await late.turn()

  assert.deepEqual(to(), ['ann@example.com', 'ann@example.com'], 'at least once')
  assert.deepEqual(
    sent.map(({ subject }) => subject),
    ['About Acme', 'About Acme'],
    'what was written first is what everybody sends',
  )
  assert.equal((await stateOf()).attemptCount, 2)
  assert.equal(log.lines.filter(({ event }) => event === 'email.sent').length, 1)
  assert.equal(log.lines.filter(({ event }) => event === 'email.lease_lost').length, 1)
})

test('a mailer that stops begins no letter more and gives the rest back', async (t) => {
  const { open, transport, to, stateOf } = await setup(t)
  const mailer = open()
  let stopping: Promise<void> | null = null
  transport.answer = () => {
    stopping = mailer.stop()
    return TAKEN
  }
  await mailer.turn()
  await stopping
  const { state, attemptCount, composed } = await stateOf()
  assert.deepEqual(to(), ['ann@example.com'])
  assert.deepEqual([state, attemptCount], ['waiting', 0])
  assert.deepEqual(
    composed?.letters.map((letter) => letter.state),
    ['taken', 'waiting'],
  )
})

test('recipients and merge fields that nothing is known of are told once, with the e-mail', async (t) => {
  const { open, log, stateOf } = await setup(t, { lines: ['ann', 'no address'] })
  await open().turn()
  assert.deepEqual((await stateOf()).composed?.remarks, [
    'ccEmails: "no address@example.com" is no e-mail address',
  ])
  assert.equal(log.lines.filter(({ event }) => event === 'email.remark').length, 1)
})
