/** How much one endpoint is sent at once, and how fast. */
export type LanePace = {
  /** Messages on their way at once. */
  readonly slots: number
  /** Messages a second, over times of a second and longer; null: as fast as it answers. */
  readonly messagesPerSecond: number | null
}

export const SLOTS_DEFAULT = 16
export const SLOTS_MAX = 64
export const RATE_MIN = 0.01
export const RATE_MAX = 1000

export const DEFAULT_PACE: LanePace = { slots: SLOTS_DEFAULT, messagesPerSecond: null }

/** Why a pace cannot be, by the name of what is wrong with it; null when it can. */
export function paceMistake({
  slots,
  messagesPerSecond,
}: LanePace): { readonly name: keyof LanePace; readonly expected: string } | null {
  if (!Number.isInteger(slots) || slots < 1 || slots > SLOTS_MAX) {
    return { name: 'slots', expected: `a whole number from 1 to ${SLOTS_MAX}` }
  }
  if (messagesPerSecond === null) return null
  const isRate = messagesPerSecond >= RATE_MIN && messagesPerSecond <= RATE_MAX
  return isRate
    ? null
    : { name: 'messagesPerSecond', expected: `a number from ${RATE_MIN} to ${RATE_MAX}` }
}
