/** As much of a body as people look at. */
const SAMPLE_BYTES_MAX = 16 * 1024

const MASK = '(masked)'

/** What follows an element of this name up to the next tag, however it is written, closed or cut off. */
const SESSION_ELEMENT =
  /(<(?:[\w.-]+:)?SessionId\b[^>]*>)(?:<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<!--[\s\S]*?(?:-->|$)|[^<])*/gi

/** A session id begins with its organisation's id and an exclamation mark, which may be written as a reference. */
const SESSION_ID = /\b00D[0-9A-Za-z]{12,15}(?:!|&#(?:33|x21);)[^\s<"'&]*/g

/** The beginning of a body, kept while it is read. */
export type BodySample = {
  take(piece: Uint8Array): void
  /** As text that people can read and both stores can keep, without session ids. */
  text(): string
}

/** Keeps the first 16 KB; what comes later costs nothing. */
export function openBodySample(): BodySample {
  const pieces: Uint8Array[] = []
  let byteCount = 0
  return {
    take: (piece) => {
      if (byteCount >= SAMPLE_BYTES_MAX) return
      pieces.push(piece.subarray(0, SAMPLE_BYTES_MAX - byteCount))
      byteCount += piece.length
    },
    // UTF-16 of Latin letters is legible without its zeros.
    text: () => masked(Buffer.concat(pieces).toString('utf8').replaceAll('\0', '')),
  }
}

function masked(text: string): string {
  return text.replace(SESSION_ELEMENT, `$1${MASK}`).replace(SESSION_ID, MASK)
}
