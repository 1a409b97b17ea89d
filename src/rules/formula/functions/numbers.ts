import { Decimal } from 'decimal.js'
import type { Expression, Run } from '../expression.ts'
import { numberOf } from '../expression.ts'
import { compare, fromDouble, modulo, type Num, negate, toDouble } from '../values/number.ts'
import { roundTo, wholeOf } from '../values/rounding.ts'
import {
  type Call,
  type FormulaFunction,
  type FunctionTable,
  failure,
  locationArgument,
  numberArgument,
  takes,
  takesBetween,
  textArgument,
} from './call.ts'
import { ARGUMENTS_MAX } from './logic.ts'

/** A function of numbers; null with any null. */
function ofNumbers(count: number, compute: (...numbers: [Num, Num]) => Num): FormulaFunction {
  return takes(count, (call) => {
    const one = numberArgument(call, 0)
    const other: Run<Num> = count > 1 ? numberArgument(call, 1) : () => 0
    return numberOf((context) => {
      const left = one(context)
      if (left === null) return null
      const right = other(context)
      return right === null ? null : compute(left, right)
    })
  })
}

/** A function that Salesforce computes in 64-bit doubles. */
function ofDoubles(
  count: number,
  compute: (...doubles: [number, number]) => number,
): FormulaFunction {
  return takes(count, (call) => {
    const one = numberArgument(call, 0)
    const other: Run<Num> = count > 1 ? numberArgument(call, 1) : () => 0
    const fail = failure(call)
    return numberOf((context) => {
      const left = one(context)
      const right = other(context)
      if (left === null || right === null) return null
      const result = compute(toDouble(left), toDouble(right))
      return Number.isFinite(result)
        ? fromDouble(result)
        : fail('FORMULA_NUMBER_RANGE', 'no such number')
    })
  })
}

function rounding(mode: Decimal.Rounding): (call: Call) => Expression {
  return (call) => {
    const number = numberArgument(call, 0)
    const places: Run<Num> = call.args.length > 1 ? numberArgument(call, 1) : () => 0
    return numberOf((context) => {
      const value = number(context)
      const wanted = places(context)
      return value === null || wanted === null ? null : roundTo(value, wanted, mode)
    })
  }
}

/** MAX and MIN: null with any null. */
function extreme(sign: 1 | -1): FormulaFunction {
  return takesBetween(1, ARGUMENTS_MAX, (call) => {
    const runs = call.args.map((_, index) => numberArgument(call, index))
    return numberOf((context) => {
      let found: Num | null = null
      for (const run of runs) {
        const value = run(context)
        if (value === null) return null
        if (found === null || sign * compare(value, found) > 0) found = value
      }
      return found
    })
  })
}

const EARTH_RADIUS_KM = 6371.0088
const KM_PER_MILE = 1.609344

function compileDistance(call: Call): Expression {
  const from = locationArgument(call, 0)
  const to = locationArgument(call, 1)
  const unit = textArgument(call, 2)
  const fail = failure(call)
  return numberOf((context) => {
    const one = from(context)
    const other = to(context)
    const name = unit(context)?.toLowerCase()
    if (one === null || other === null) return null
    if (name !== 'mi' && name !== 'km')
      return fail('FORMULA_INVALID_ARGUMENT', "the unit is 'mi' or 'km'")
    const radians = (degrees: number) => (degrees * Math.PI) / 180
    const half = (angle: number) => Math.sin(radians(angle) / 2) ** 2
    const square =
      half(other.latitude - one.latitude) +
      Math.cos(radians(one.latitude)) *
        Math.cos(radians(other.latitude)) *
        half(other.longitude - one.longitude)
    const km = 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(square)))
    return fromDouble(name === 'km' ? km : km / KM_PER_MILE)
  })
}

/** Both coordinates or none; degrees within the globe. */
function compileGeolocation(call: Call): Expression {
  const fail = failure(call)
  const latitude = numberArgument(call, 0)
  const longitude = numberArgument(call, 1)
  return {
    type: 'Location',
    run: (context) => {
      const north = latitude(context)
      const east = longitude(context)
      if (north === null && east === null) return null
      if (north === null || east === null)
        return fail('FORMULA_INVALID_ARGUMENT', 'a coordinate is blank')
      const point = { latitude: toDouble(north), longitude: toDouble(east) }
      const isOnGlobe = Math.abs(point.latitude) <= 90 && Math.abs(point.longitude) <= 180
      return isOnGlobe ? point : fail('FORMULA_INVALID_ARGUMENT', 'no such place on the globe')
    },
  }
}

function compileCurrencyRate(call: Call): Expression {
  const isoCode = textArgument(call, 0)
  return numberOf((context) => {
    const code = isoCode(context)
    const rate = code === null ? undefined : context.currencyRate?.(code)
    return rate === undefined ? 1 : fromDouble(Number(rate))
  })
}

/** Functions that compute with numbers. */
export const NUMBER_FUNCTIONS: FunctionTable = {
  ABS: ofNumbers(1, (number) => (compare(number, 0) < 0 ? negate(number) : number)),
  ROUND: takesBetween(1, 2, rounding(Decimal.ROUND_HALF_UP)),
  TRUNC: takesBetween(1, 2, rounding(Decimal.ROUND_DOWN)),
  CEILING: ofNumbers(1, (number) => wholeOf(number, Decimal.ROUND_UP)),
  FLOOR: ofNumbers(1, (number) => wholeOf(number, Decimal.ROUND_DOWN)),
  MCEILING: ofNumbers(1, (number) => wholeOf(number, Decimal.ROUND_CEIL)),
  MFLOOR: ofNumbers(1, (number) => wholeOf(number, Decimal.ROUND_FLOOR)),
  MOD: ofNumbers(2, modulo),
  MAX: extreme(1),
  MIN: extreme(-1),
  EXP: ofDoubles(1, Math.exp),
  LN: ofDoubles(1, Math.log),
  LOG: ofDoubles(1, Math.log10),
  SQRT: ofDoubles(1, Math.sqrt),
  SIN: ofDoubles(1, Math.sin),
  COS: ofDoubles(1, Math.cos),
  TAN: ofDoubles(1, Math.tan),
  ASIN: ofDoubles(1, Math.asin),
  ACOS: ofDoubles(1, Math.acos),
  ATAN: ofDoubles(1, Math.atan),
  ATAN2: ofDoubles(2, Math.atan2),
  PI: takes(0, () => numberOf(() => fromDouble(Math.PI))),
  GEOLOCATION: takes(2, compileGeolocation),
  DISTANCE: takes(3, compileDistance),
  CURRENCYRATE: takes(1, compileCurrencyRate),
}
