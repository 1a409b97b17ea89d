import { Decimal } from 'decimal.js'
import {
  bounded,
  divide,
  Exact,
  isZero,
  multiply,
  type Num,
  toDecimal,
  truncate,
} from './number.ts'

/** Computing (1/9)*9 leaves 0.999…; rounding to this many digits first makes it 1 again. */
const SETTLED_DIGITS = 33

/** Rounds to `places` decimals (before the point if negative) in decimal.js's way `mode`. */
export function roundTo(num: Num, places: Num, mode: Decimal.Rounding): Num {
  const wanted = truncate(places)
  const decimal = toDecimal(num)
  if (wanted >= decimal.decimalPlaces()) return num
  if (wanted >= 0) return bounded(decimal.toDecimalPlaces(wanted, mode))
  if (-wanted > decimal.e + 1) return 0
  const unit = new Exact(10).pow(-wanted)
  return bounded(decimal.div(unit).toDecimalPlaces(0, mode).mul(unit))
}

/** The whole number next to `num` in decimal.js's way `mode`, noise of a division put aside. */
export function wholeOf(num: Num, mode: Decimal.Rounding): Num {
  if (typeof num === 'number') return num
  const settled = num.toSignificantDigits(SETTLED_DIGITS).toDecimalPlaces(0, mode)
  return settled.isZero() ? 0 : settled
}

/**
 * `base` to the power of a whole `exponent`, 18 significant digits; null where it has no result: a
 * fraction as exponent, or a result from about 1e64 on. Too small a result is 0.
 */
export function power(base: Num, exponent: Num): Num | null {
  const whole = truncate(exponent)
  if (!toDecimal(exponent).eq(whole) || Math.abs(whole) > 1e9) return null
  if (whole === 0) return 1
  if (isZero(base)) return whole > 0 ? 0 : null
  const digits = toDecimal(base).abs().log(10).mul(whole).toNumber()
  if (digits >= 64) return null
  if (digits < -64) return 0
  return whole > 0 ? powerByHalves(base, whole) : divide(1, powerByHalves(base, -whole))
}

function powerByHalves(base: Num, exponent: number): Num {
  let result: Num = 1
  let square = base
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square)
    if (rest > 1) square = multiply(square, square)
  }
  return typeof result === 'number' ? result : result.toSignificantDigits(18, Decimal.ROUND_HALF_UP)
}
