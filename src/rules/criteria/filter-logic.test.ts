import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FILTER_LENGTH_MAX, FilterLogicError, joinCriteria } from './filter-logic.ts'

/** The truth of a filter where criterion n is the n-th of `truths`. */
function truth(filter: string | null, ...truths: readonly boolean[]): boolean {
  return joinCriteria(
    filter,
    truths.map((each) => () => each),
  )(undefined)
}

function codeOf(filter: string): string {
  try {
    truth(filter, true, true, true)
  } catch (error) {
    if (error instanceof FilterLogicError) return error.errorCode
    throw error
  }
  return 'read'
}

test('without a filter all criteria must be met', () => {
  assert.equal(truth(null, true, true), true)
  assert.equal(truth('  ', true, false), false)
})

test('NOT binds before AND, AND before OR, whatever the case', () => {
  for (const one of [true, false]) {
    for (const two of [true, false]) {
      for (const three of [true, false]) {
        const all = [one, two, three] as const
        assert.equal(truth('1 AND 2 OR 3', ...all), (one && two) || three)
        assert.equal(truth('1 or 2 aNd 3', ...all), one || (two && three))
        assert.equal(truth('(1 OR 2) AND 3', ...all), (one || two) && three)
        assert.equal(truth('NOT 1 AND 2', ...all), !one && two)
        assert.equal(truth('NOT(1 OR(2))AND NOT NOT 3', ...all), !(one || two) && three)
      }
    }
  }
})

test('a filter that cannot be read is refused', () => {
  for (const filter of [
    '1 AND',
    'AND 1',
    '(1',
    '1)',
    '1 2',
    '1 XOR 2',
    'NOT',
    '1 AND AND 2',
    'a',
    '1,2',
    `${'('.repeat(200)}1${')'.repeat(200)}`,
    'NOT '.repeat(200),
    '1 AND '.repeat(FILTER_LENGTH_MAX),
  ]) {
    assert.equal(codeOf(filter), 'FILTER_LOGIC_SYNTAX', filter.slice(0, 40))
  }
})

test('a number without a criterion is refused', () => {
  assert.equal(codeOf('1 AND 4'), 'FILTER_LOGIC_UNKNOWN_NUMBER')
  assert.equal(codeOf('0'), 'FILTER_LOGIC_UNKNOWN_NUMBER')
})
