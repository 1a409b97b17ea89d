/** What a run's log keeps of its output; of more, the first quarter and the end. */
export const RUN_LOG_BYTES_MAX = 256 * 1024

const HEAD_BYTES_MAX = RUN_LOG_BYTES_MAX / 4
const TAIL_BYTES_MAX = RUN_LOG_BYTES_MAX - HEAD_BYTES_MAX

export type BoundedLog = {
  add(chunk: Buffer): void
  /** As text; a note stands where something was left out. */
  text(): string
}

/** Keeps the beginning and the end of output of any length, in bounded memory. */
export function openBoundedLog(): BoundedLog {
  let head = Buffer.alloc(0)
  let tail: Buffer[] = []
  let tailBytes = 0
  let leftOutBytes = 0

  const trimTail = () => {
    const whole = Buffer.concat(tail)
    const kept = whole.subarray(-TAIL_BYTES_MAX)
    leftOutBytes += whole.length - kept.length
    tail = [Buffer.from(kept)]
    tailBytes = kept.length
  }

  const add = (chunk: Buffer) => {
    const room = Math.min(HEAD_BYTES_MAX - head.length, chunk.length)
    if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)])
    if (room === chunk.length) return
    tail.push(Buffer.from(chunk.subarray(room)))
    tailBytes += chunk.length - room
    if (tailBytes > 2 * TAIL_BYTES_MAX) trimTail()
  }

  const text = () => {
    if (tailBytes > TAIL_BYTES_MAX) trimTail()
    const note = leftOutBytes > 0 ? `\n[… ${leftOutBytes} bytes left out …]\n` : ''
    // PostgreSQL keeps no NUL in a text.
    const joined = head.toString('utf8') + note + Buffer.concat(tail).toString('utf8')
    return joined.replaceAll('\0', '\uFFFD')
  }
  return { add, text }
}
