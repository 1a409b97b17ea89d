const SECOND_MS = 1000

/**
 * How long a listener asks to be left alone with `Retry-After`, in milliseconds: seconds, or a date, read by the
 * answer's own `Date` so that nobody's clock need be right. Null: it does not ask, or says nothing that can be read.
 */
export function retryAfterMs(headers: ReadonlyMap<string, string>): number | null {
  const asked = headers.get('retry-after')?.trim()
  if (asked === undefined) return null
  if (/^\d{1,9}$/.test(asked)) return Number(asked) * SECOND_MS
  const wait = Date.parse(asked) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}
