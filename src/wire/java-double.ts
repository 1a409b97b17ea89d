const PLAIN_MIN = 1e-3
const PLAIN_MAX = 1e7

/**
 * A decimal text as Java's `Double.toString` prints it, which is how Salesforce writes currency, percent and
 * number: `419` → `419.0`, `139000000` → `1.39E8`, `0.0001` → `1.0E-4`. The text must be a number. Digits are
 * the shortest that read back as the same double, as Java does since 19.
 */
export function javaDouble(decimalText: string): string {
  const value = Number(decimalText)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const size = Math.abs(value)
  if (size >= PLAIN_MIN && size < PLAIN_MAX) {
    const plain = String(value)
    return Number.isInteger(value) ? `${plain}.0` : plain
  }
  return Number.isFinite(value) ? scientific(value) : notFinite(value)
}

function scientific(value: number): string {
  const shortest = value.toExponential()
  // Java wants two digits at least and then takes the closest: 4.9E-324 where JavaScript says 5e-324.
  const digits = shortest.includes('.') ? shortest : value.toExponential(1)
  return digits.replace('e+', 'E').replace('e-', 'E-')
}

/** XML Schema's spelling, since Java's `Infinity` would be no xsd:double. */
function notFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? 'INF' : '-INF'
}
