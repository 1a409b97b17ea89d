import { createHash } from 'node:crypto'

/** How secrets with enough randomness of their own are kept: path secrets, tokens, session ids. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
