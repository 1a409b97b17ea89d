import { type Clock, MINUTE_MS, SECOND_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import { composeEmail } from './compose-email.ts'
import type { ComposedEmail, Email } from './email.ts'
import type { MailOrg } from './mail-org.ts'
import type { EmailLease, LeasedEmail, MailStore } from './mail-store.ts'
import { sendLetters } from './send-letters.ts'
import { type EmailOutcome, type EmailSettlement, settleEmail } from './settle-email.ts'
import type { Transport } from './transport.ts'

/**
 * The loop over owed e-mails: lease, write, send, settle. An e-mail is written at its first attempt and
 * kept as it is; whatever ends a process, its e-mails are due again elsewhere.
 */
export type Mailer = {
  /** One pass. Tests call this, not the loop. */
  turn(): Promise<'worked' | 'idle'>
  /** Takes turns by itself. */
  start(): void
  /** Something is due: look now. Losing it costs a second. */
  nudge(): void
  /** Begins no more letters; after `drainMs` ends those in hand, and makes their e-mails due again. */
  stop(drainMs?: number): Promise<void>
}

type MailerPorts = {
  readonly store: MailStore
  readonly org: MailOrg
  /** Null: there is no mail server. E-mails wait, and expire when their lifetime is over. */
  readonly transport: Transport | null
  readonly clock: Clock
  readonly log: Log
  /** How long an e-mail stays ours if this process dies. */
  readonly leaseMs?: number
}

const LEASE_MS = 2 * MINUTE_MS
const IDLE_MS = SECOND_MS
const SWEEP_MS = 30 * SECOND_MS
const DRAIN_MS = 10 * SECOND_MS

/** E-mails in hand at once in a process: as many as there are connections to the mail server. */
export const EMAILS_AT_ONCE = 4

/** Makes a mailer. It does nothing until its turn is called or it is started. */
export function openMailer(ports: MailerPorts): Mailer {
  const { store, transport, clock, log } = ports
  const leaseMs = ports.leaseMs ?? LEASE_MS
  let loop: Loop | null = null
  let isStopping = false
  let stopped: Promise<void> | null = null
  let isServerDown = false
  let sweptAt = Number.NEGATIVE_INFINITY

  const sweep = async () => {
    if (clock.now() - sweptAt < SWEEP_MS) return
    sweptAt = clock.now()
    const count = await store.expireEmails(clock.now())
    if (count > 0) log.warn('email.expired', { count })
  }

  const attempt = async (leased: LeasedEmail, by: Transport): Promise<boolean> => {
    try {
      const at = { ...ports, transport: by, leaseMs, isStopping: () => isStopping }
      return await attemptEmail(at, leased)
    } catch (error) {
      // Its lease lapses: it is tried again, here or elsewhere.
      log.error('email.broken', { emailId: leased.lease.emailId, reason: errorText(error) })
      return false
    }
  }

  const turn = async () => {
    await sweep()
    if (transport === null || isStopping) return 'idle' as const
    // While the mail server is down one e-mail at a time tries it out: the others keep their attempts.
    const limit = isServerDown ? 1 : EMAILS_AT_ONCE
    const leased = await store.leaseEmails({ limit, now: clock.now(), leaseMs })
    if (leased.length === 0) return 'idle' as const
    const answers = await Promise.all(leased.map((each) => attempt(each, transport)))
    isServerDown = answers.includes(false)
    return isServerDown ? ('idle' as const) : ('worked' as const)
  }

  const drain = async (drainMs: number) => {
    isStopping = true
    const limit = setTimeout(() => transport?.close(), drainMs)
    await loop?.stop()
    clearTimeout(limit)
    transport?.close()
  }
  return {
    turn,
    start: () => {
      if (loop || stopped) return
      loop = startLoop(turn, {
        idleMs: IDLE_MS,
        onError: (error) => log.error('email.lease_failed', { reason: errorText(error) }),
      })
    },
    nudge: () => loop?.nudge(),
    stop: (drainMs = DRAIN_MS) => {
      stopped ??= drain(drainMs)
      return stopped
    },
  }
}

type AttemptPorts = MailerPorts & {
  readonly transport: Transport
  readonly leaseMs: number
  readonly isStopping: () => boolean
}

/** One attempt: write, send, settle. False: the mail server did not answer. */
async function attemptEmail(ports: AttemptPorts, { lease, email }: LeasedEmail): Promise<boolean> {
  const written = await writeOnce(ports, lease, email)
  if (written === 'lease lost') return true
  if ('outcome' in written) {
    await settle(ports, { lease, email }, { outcome: written.outcome, composed: null })
    return true
  }
  const { transport, clock, isStopping, leaseMs, store } = ports
  const keep = async (composed: ComposedEmail) => {
    return (await store.keepEmail(lease, composed, leaseMs)) === 'kept'
  }
  const sent = await sendLetters(
    { transport, clock, isStopping, leaseMs, keep },
    lease,
    written.composed,
  )
  if (sent.kind === 'lease lost') return true
  const outcome: EmailOutcome =
    sent.kind === 'interrupted'
      ? { kind: 'interrupted' }
      : { kind: 'tried', letters: sent.composed.letters, isTrap: transport.isTrap }
  await settle(ports, { lease, email }, { outcome, composed: sent.composed })
  return !sent.isServerDown
}

/** The e-mail as it was written, or is now: kept before it goes out, so that no attempt sends another text. */
async function writeOnce(
  { org, store, leaseMs, log }: AttemptPorts,
  lease: EmailLease,
  email: Email,
): Promise<{ composed: ComposedEmail } | { outcome: EmailOutcome } | 'lease lost'> {
  if (email.composed !== null) return { composed: email.composed }
  const composition = await composeEmail(org, email)
  if (composition.kind !== 'composed') return { outcome: composition }
  const { composed } = composition
  for (const remark of composed.remarks) {
    log.warn('email.remark', { emailId: lease.emailId, about: aboutText(email), remark })
  }
  const answer = await store.keepEmail(lease, composed, leaseMs)
  return answer === 'lease lost' ? answer : { composed }
}

async function settle(
  { store, clock, log }: AttemptPorts,
  { lease, email }: LeasedEmail,
  what: { readonly outcome: EmailOutcome; readonly composed: ComposedEmail | null },
): Promise<void> {
  const now = clock.now()
  const settlement = settleEmail(email, what.outcome, now)
  const answer = await store.settleEmail(lease, { settlement, composed: what.composed, now })
  const facts = {
    emailId: lease.emailId,
    about: aboutText(email),
    recordId: email.recordId,
    attempt: email.attemptCount,
    recipients: what.composed?.letters.length ?? 0,
    firstRecipient: what.composed?.letters[0]?.to.address ?? null,
    reason: 'reason' in settlement ? settlement.reason : null,
  }
  if (answer === 'lease lost') log.warn('email.lease_lost', facts)
  else log[levelOf(settlement)](eventOf(settlement), facts)
}

function aboutText({ about }: Email): string {
  return about.kind === 'alert' ? about.alertKey : 'assignment'
}

function eventOf({ kind }: EmailSettlement): string {
  switch (kind) {
    case 'sent':
      return 'email.sent'
    case 'trapped':
      return 'email.trapped'
    case 'noRecipients':
      return 'email.unaddressed'
    case 'failed':
      return 'email.failed'
    case 'retry':
      return 'email.deferred'
    case 'released':
      return 'email.released'
  }
}

function levelOf({ kind }: EmailSettlement): 'info' | 'warn' {
  return kind === 'failed' || kind === 'noRecipients' || kind === 'retry' ? 'warn' : 'info'
}
