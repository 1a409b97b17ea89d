import { type Clock, DAY_MS } from '../../base/clock.ts'

/** Counted and told, never enforced. */
export const DAILY_API_REQUESTS_MAX = 100_000

/** How many API requests this process answered today (UTC). */
export type ApiUsage = {
  count(): void
  /** As the header `Sforce-Limit-Info` has it: `api-usage=18/100000`. */
  limitInfo(): string
  usedToday(): number
}

/** Starts at none. */
export function openApiUsage(clock: Clock): ApiUsage {
  let day = 0
  let used = 0
  const usedToday = () => {
    const today = Math.floor(clock.real() / DAY_MS)
    if (today !== day) used = 0
    day = today
    return used
  }
  return {
    count() {
      used = usedToday() + 1
    },
    limitInfo: () => `api-usage=${usedToday()}/${DAILY_API_REQUESTS_MAX}`,
    usedToday,
  }
}
