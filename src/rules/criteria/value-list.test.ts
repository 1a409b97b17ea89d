import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readValueList } from './value-list.ts'

test('commas part alternatives, quotes keep them, doubled quotes are one', () => {
  const rows: readonly [string, readonly string[]][] = [
    ['', ['']],
    ['a', ['a']],
    [' a , b ', ['a', 'b']],
    ['a,,b', ['a', '', 'b']],
    ['a,', ['a', '']],
    ['Lost,"Won, at last"', ['Lost', 'Won, at last']],
    ['"say ""hi"", now" , b', ['say "hi", now', 'b']],
    ['"USD 25,000"', ['USD 25,000']],
    ['6" pipe', ['6" pipe']],
    ['"6" pipe', ['"6" pipe']],
    ['"open, end', ['"open', 'end']],
    ['\u00A0a ', ['\u00A0a']],
  ]
  for (const [value, expected] of rows) assert.deepEqual(readValueList(value), expected, value)
})
