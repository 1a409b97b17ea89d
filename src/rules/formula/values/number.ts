import { Decimal } from 'decimal.js'
import { FormulaRuntimeError } from '../errors.ts'

/** 39 significant digits, half up, never an exponent when written: as Salesforce's own engine. */
export const Exact = Decimal.clone({
  precision: 39,
  rounding: Decimal.ROUND_HALF_UP,
  toExpNeg: -9e15,
  toExpPos: 9e15,
})

/** A number of a formula: a whole number that JavaScript holds exactly, or a decimal. */
export type Num = number | Decimal

/** Beyond 10^±EXPONENT_MAX a result is an error, or 0: keeps every number short enough to write. */
const EXPONENT_MAX = 1000
const DECIMALS_WRITTEN_MAX = 32

/** Reads a decimal string (digits, perhaps a sign, a point, an exponent). Throws FORMULA_NUMBER_RANGE. */
export function toNum(text: string): Num {
  if (text.length <= 15) {
    const whole = Number(text)
    if (Number.isInteger(whole)) return whole + 0
  }
  return text.length <= 40 ? new Exact(text) : bounded(new Exact(text).toSignificantDigits(39))
}

/** A double as a number: what went through a function that Salesforce computes in doubles. */
export function fromDouble(double: number): Num {
  if (!Number.isFinite(double)) {
    throw new FormulaRuntimeError(
      'FORMULA_NUMBER_RANGE',
      `no finite number comes of this: ${double}`,
    )
  }
  return Number.isSafeInteger(double) ? double + 0 : bounded(new Exact(double))
}

export function toDouble(num: Num): number {
  return typeof num === 'number' ? num : num.toNumber()
}

export function toDecimal(num: Num): Decimal {
  return typeof num === 'number' ? new Exact(num) : num
}

/** Keeps a result within the range; too small is 0, too big an error. */
export function bounded(decimal: Decimal): Num {
  if (decimal.e > EXPONENT_MAX || !decimal.isFinite()) {
    throw new FormulaRuntimeError('FORMULA_NUMBER_RANGE', 'the number is too big to compute with')
  }
  return decimal.isZero() || decimal.e < -EXPONENT_MAX ? 0 : decimal
}

export function add(left: Num, right: Num): Num {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right
    if (Number.isSafeInteger(sum)) return sum
  }
  return bounded(Exact.add(left, right))
}

export function subtract(left: Num, right: Num): Num {
  if (typeof left === 'number' && typeof right === 'number') {
    const difference = left - right
    if (Number.isSafeInteger(difference)) return difference
  }
  return bounded(Exact.sub(left, right))
}

export function multiply(left: Num, right: Num): Num {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right
    if (Number.isSafeInteger(product)) return product + 0
  }
  return bounded(Exact.mul(left, right))
}

/** Throws FORMULA_DIVISION_BY_ZERO. */
export function divide(left: Num, right: Num): Num {
  if (isZero(right)) throw new FormulaRuntimeError('FORMULA_DIVISION_BY_ZERO', 'division by zero')
  if (typeof left === 'number' && typeof right === 'number' && left % right === 0) {
    return left / right + 0
  }
  return bounded(Exact.div(left, right))
}

/** The rest keeps the sign of `left`. */
export function modulo(left: Num, right: Num): Num {
  if (isZero(right)) throw new FormulaRuntimeError('FORMULA_DIVISION_BY_ZERO', 'MOD by zero')
  if (typeof left === 'number' && typeof right === 'number') return (left % right) + 0
  return bounded(Exact.mod(left, right))
}

export function negate(num: Num): Num {
  return typeof num === 'number' ? 0 - num : num.neg()
}

/** Below 0, 0 or above 0, as left is less, equal or greater. */
export function compare(left: Num, right: Num): number {
  if (typeof left === 'number') {
    return typeof right === 'number' ? left - right : -right.cmp(left)
  }
  return left.cmp(right)
}

export function isZero(num: Num): boolean {
  return typeof num === 'number' ? num === 0 : num.isZero()
}

/** Whole part, towards zero, as a plain number; beyond ±2^53 it is only near. */
export function truncate(num: Num): number {
  return typeof num === 'number' ? num : Math.trunc(num.toNumber())
}

/** The canonical decimal string: at most 32 decimals, half up, no trailing zeros, no exponent. */
export function writeNum(num: Num): string {
  if (typeof num === 'number') return String(num)
  const short =
    num.decimalPlaces() > DECIMALS_WRITTEN_MAX ? num.toDecimalPlaces(DECIMALS_WRITTEN_MAX) : num
  return short.isZero() ? '0' : short.toFixed()
}
