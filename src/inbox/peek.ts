import { SECOND_MS } from '../base/clock.ts'
import type { Envelope } from '../wire/envelope.ts'
import { EnvelopeError } from '../wire/envelope-error.ts'
import { openEnvelopeReader } from '../wire/read-envelope.ts'
import type { ListenerRequest } from './receive.ts'
import { RefusalError } from './rejection.ts'

/** What a stranger's message may cost us to be looked into. */
const PEEKS_MAX = 8
const PEEKED_BYTES_MAX = 256 * 1024
const PEEK_DEADLINE_MS = SECOND_MS

/** Limits tighter than those of the door. */
export type BodyAsk = { readonly bytesMax: number; readonly deadlineMs: number }

/** Reads who sent a message that is going to be refused; null where that costs too much, or cannot be read. */
export type Peek = (
  request: Pick<ListenerRequest, 'charset' | 'readBody'>,
) => Promise<Envelope | null>

/**
 * Whoever mends a mistyped endpoint URL has to know which organisation's, and which outbound message's. Only a few
 * small and quick bodies are looked into at once: nobody knows yet who is sending.
 */
export function openPeek(): Peek {
  let peekCount = 0
  return async ({ charset, readBody }) => {
    if (peekCount >= PEEKS_MAX) return null
    peekCount += 1
    try {
      const limits = { bytesMax: PEEKED_BYTES_MAX, deadlineMs: PEEK_DEADLINE_MS }
      const reader = openEnvelopeReader(charset)
      await readBody(reader.write, limits)
      return reader.end()
    } catch (error) {
      if (error instanceof RefusalError || error instanceof EnvelopeError) return null
      throw error
    } finally {
      peekCount -= 1
    }
  }
}
