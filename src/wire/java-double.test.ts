import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { javaDouble } from './java-double.ts'

// What Java prints for Double.toString of each (seen with OpenJDK 17).
const PRINTED: readonly (readonly [string, string])[] = [
  ['0', '0.0'],
  ['-0', '-0.0'],
  ['1', '1.0'],
  ['419', '419.0'],
  ['-12.5', '-12.5'],
  ['0.1', '0.1'],
  ['208230', '208230.0'],
  ['9999999', '9999999.0'],
  ['9999999.99', '9999999.99'],
  ['10000000', '1.0E7'],
  ['12345678.9', '1.23456789E7'],
  ['139000000', '1.39E8'],
  ['-139000000', '-1.39E8'],
  ['123456789012345678', '1.2345678901234568E17'],
  ['0.001', '0.001'],
  ['0.0012345', '0.0012345'],
  ['0.0009999', '9.999E-4'],
  ['0.0001', '1.0E-4'],
  ['-0.00001234', '-1.234E-5'],
  ['1000000000000000000000', '1.0E21'],
  ['2e-6', '2.0E-6'],
  ['4.9e-324', '4.9E-324'],
  ['1.7976931348623157e308', '1.7976931348623157E308'],
]

test('numbers are written as Java prints doubles', () => {
  for (const [decimal, printed] of PRINTED) assert.equal(javaDouble(decimal), printed)
})

test('a number reads back as the same double, with a point and without a plus', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const printed = javaDouble(String(value))
      assert.match(printed, /^-?\d+\.\d+(E-?\d+)?$/)
      assert.ok(Number(printed) === value)
    }),
  )
})

test('what no double can hold is spelled as XML Schema spells it', () => {
  assert.equal(javaDouble('1e400'), 'INF')
  assert.equal(javaDouble('-1e400'), '-INF')
})
