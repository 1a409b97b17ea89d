import { type JobOutput, MESSAGE_LENGTH_MAX } from '../job-run.ts'

/** UTF-8 takes at most three bytes for a character as JavaScript counts them. */
const BYTES_MAX = 3 * MESSAGE_LENGTH_MAX

const TEXT_TYPE = 'text/plain'
const MEDIA_TYPE = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/i

/** Gathers what a program answers, as long as it can be kept. */
export type Output = {
  add(chunk: Buffer): void
  /** Null: it was longer than a message may be. */
  value(): JobOutput | null
}

/** Keeps an answer of text whole, or, when it is too long, nothing of it. */
export function openOutput(): Output {
  let chunks: Buffer[] = []
  let bytes = 0

  const add = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= BYTES_MAX) chunks.push(chunk)
    else chunks = []
  }
  const value = () =>
    bytes > BYTES_MAX ? null : outputOf(Buffer.concat(chunks).toString('utf8'), TEXT_TYPE)
  return { add, value }
}

/** A text as an answer; what is no media type is taken for plain text. Null: it is longer than a message may be. */
export function outputOf(text: string, mediaType: string | undefined): JobOutput | null {
  const [named = ''] = (mediaType ?? '').split(';', 1)
  const type = MEDIA_TYPE.test(named.trim()) ? named.trim().toLowerCase() : TEXT_TYPE
  const body = text.replaceAll('\0', '\uFFFD') // PostgreSQL keeps no NUL in a text
  if (body.length > MESSAGE_LENGTH_MAX) return null
  return { contentType: `${type}; charset=utf-8`, body }
}
