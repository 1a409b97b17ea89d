import type { Clock } from '../base/clock.ts'
import { unreachable } from '../base/unreachable.ts'
import type { ComposedEmail, Letter } from './email.ts'
import type { EmailLease } from './mail-store.ts'
import type { LetterOutcome, OutgoingLetter, Transport } from './transport.ts'

/** What sending needs besides the e-mail. */
export type SendPorts = {
  readonly transport: Transport
  readonly clock: Clock
  /** Writes down how far it got and prolongs the lease; false: the e-mail is somebody else's by now. */
  readonly keep: (composed: ComposedEmail) => Promise<boolean>
  /** True once the loop is to stop: no letter is begun any more. */
  readonly isStopping: () => boolean
  readonly leaseMs: number
}

/** How far sending got. */
export type SendProgress = {
  readonly kind: 'tried' | 'interrupted' | 'lease lost'
  readonly composed: ComposedEmail
  /** The mail server as a whole did not answer. */
  readonly isServerDown: boolean
}

/** A lease is prolonged when so much of it is over; a letter ends well within the rest. */
const RENEW_SHARE = 3

/** Hands over the letters that wait, one after the other, to the first that shows that nobody answers. */
export async function sendLetters(
  ports: SendPorts,
  { emailId }: EmailLease,
  composed: ComposedEmail,
): Promise<SendProgress> {
  const { transport, clock, keep, isStopping, leaseMs } = ports
  const letters: Letter[] = [...composed.letters]
  const soFar = (): ComposedEmail => ({ ...composed, letters: [...letters] })
  let keptAt = clock.real()
  for (const [index, letter] of letters.entries()) {
    if (letter.state !== 'waiting') continue
    if (isStopping()) return { kind: 'interrupted', composed: soFar(), isServerDown: false }
    if (clock.real() - keptAt > leaseMs / RENEW_SHARE) {
      if (!(await keep(soFar()))) {
        return { kind: 'lease lost', composed: soFar(), isServerDown: false }
      }
      keptAt = clock.real()
    }
    const outgoing = outgoingLetter(composed, index, { emailId, sentAt: clock.now() })
    const outcome = await transport.send(outgoing)
    letters[index] = answered(letter, outcome)
    if (outcome.kind === 'deferred' && outcome.isServer) {
      for (const [later, each] of letters.entries()) {
        if (later > index && each.state === 'waiting') {
          letters[later] = { ...each, answer: outcome.answer }
        }
      }
      return { kind: 'tried', composed: soFar(), isServerDown: true }
    }
  }
  return { kind: 'tried', composed: soFar(), isServerDown: false }
}

function answered(letter: Letter, outcome: LetterOutcome): Letter {
  switch (outcome.kind) {
    case 'taken':
    case 'refused':
      return { ...letter, state: outcome.kind, answer: outcome.answer }
    case 'deferred':
      return { ...letter, answer: outcome.answer }
    default:
      return unreachable(outcome)
  }
}

/** The message id is the e-mail's own and the letter's place: who gets it twice can tell. */
function outgoingLetter(
  { from, texts, letters }: ComposedEmail,
  index: number,
  { emailId, sentAt }: { emailId: string; sentAt: number },
): OutgoingLetter {
  const letter = letters[index]
  const text = texts[letter?.textIndex ?? 0]
  if (!letter || !text) throw new Error(`the e-mail ${emailId} has no text for letter ${index}`)
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1)
  return { ...text, from, to: letter.to, messageId: `<${emailId}.${index}@${domain}>`, sentAt }
}
