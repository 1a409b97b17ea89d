import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCase } from './read-case.ts'

test('a line that is no case is refused by itself, whatever it is made of', () => {
  const rows: readonly [line: string, code: string][] = [
    ['{', 'JSON_PARSER_ERROR'],
    ['null', 'CASE_INCOMPLETE'],
    ['[1]', 'CASE_INCOMPLETE'],
    ['"text"', 'CASE_INCOMPLETE'],
    ['{"id":{},"formula":"1","returnType":"Number"}', 'CASE_INCOMPLETE'],
    ['{"id":"a","formula":"1","returnType":"Number","fields":null}', 'CASE_INVALID_VALUE'],
    ['{"id":"a","formula":"1","returnType":"Number","fields":[1]}', 'CASE_INVALID_VALUE'],
    ['{"id":"a","formula":"1","returnType":"Number","fields":{"x":null}}', 'CASE_INVALID_VALUE'],
    ['{"id":"a","formula":"1","returnType":"Number","fields":{"x":{}}}', 'CASE_INVALID_VALUE'],
    ['{"id":"a","formula":"1","returnType":"Number","isNew":"yes"}', 'CASE_INVALID_VALUE'],
    ['{"id":"a","formula":"1","returnType":"Number","blanks":"zero"}', 'CASE_INVALID_VALUE'],
  ]
  for (const [line, code] of rows) {
    const read = readCase(line)
    assert.ok(read.kind === 'refused' && 'error' in read.result, line)
    assert.equal(read.result.error.code, code, line)
  }
  assert.equal(readCase('{"id":"a","formula":"1","returnType":"Number"}').kind, 'case')
})
