import { setTimeout as wait } from 'node:timers/promises'

const LOOK_EVERY_MS = 25

/**
 * Looks until `look` answers something else than null or false, for tests whose subject is a process or a socket.
 * Throws, naming `what`, when that takes longer than `deadlineMs`.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | false> | T | null | false,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== false) return found
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await wait(LOOK_EVERY_MS)
  }
}
