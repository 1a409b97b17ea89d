import { DEFAULT_LIMITS, limitsMistake, type RunLimits } from '../../../jobs/run-limits.ts'
import { type Fields, invalid, readFields } from '../read-fields.ts'

/** Reads `limits`, name by name: what is absent stays as it is; null means no limit, or the default wait. */
export function readLimits(fields: Fields, before: RunLimits | null): RunLimits {
  const kept = before ?? DEFAULT_LIMITS
  const value = fields.values.get('limits')
  if (value === undefined) return kept
  const names = ['concurrencyMax', 'ratePerSecond', 'retryFirstMs', 'retryMaxMs'] as const
  const given = readFields(value, 'limits', names)
  const numberOf = <T extends number | null>(name: keyof RunLimits, before: T, none: T) => {
    const found = given.values.get(name)
    if (found === undefined) return before
    if (found === null) return none
    if (typeof found === 'number') return found
    throw invalid(`limits.${name}`, 'a number', found)
  }
  const limits: RunLimits = {
    concurrencyMax: numberOf('concurrencyMax', kept.concurrencyMax, null),
    ratePerSecond: numberOf('ratePerSecond', kept.ratePerSecond, null),
    retryFirstMs: numberOf('retryFirstMs', kept.retryFirstMs, DEFAULT_LIMITS.retryFirstMs),
    retryMaxMs: numberOf('retryMaxMs', kept.retryMaxMs, DEFAULT_LIMITS.retryMaxMs),
  }
  const mistake = limitsMistake(limits)
  if (mistake === null) return limits
  throw invalid(`limits.${mistake.name}`, mistake.expected, limits[mistake.name])
}
