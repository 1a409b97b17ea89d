import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePattern } from './pattern.ts'

function matches(pattern: string, text: string): boolean | null {
  const compiled = compilePattern(pattern)
  return compiled.kind === 'pattern'
    ? compiled.pattern.matches(text)
    : assert.fail(compiled.message)
}

test('a pattern matches the whole text', () => {
  const rows: readonly [string, string, boolean][] = [
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['a|bc', 'bc', true],
    ['(a|b)*c', 'ababc', true],
    ['a{2,3}', 'aaa', true],
    ['a{2,3}', 'aaaa', false],
    ['a{2,}', 'aaaaa', true],
    ['[0-9]{3}-[0-9]{4}', '555-1234', true],
    ['\\d{5}(-\\d{4})?', '12345-6789', true],
    ['[^a-c]+', 'xyz', true],
    ['[a-z&&[^b]]+', 'acb', false],
    ['[\\w.-]+@[\\w.-]+', 'a.b@c-d.e', true],
    ['(?i)ABC', 'abc', true],
    ['^a.c$', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['.*\\bcat\\b.*', 'a cat sat', true],
    ['.*\\bcat\\b.*', 'concat', false],
    ['\\p{Upper}\\p{L}+', 'Éa', false],
    ['\\p{L}+', 'Éa', true],
    ['(?:a+?)b*', 'aab', true],
    ['', '', true],
    ['[]a]+', ']a', true],
    ['[a-]+', 'a-', true],
    ['\\.', 'x', false],
    ['(?<year>[0-9]{4})', '2020', true],
    ['😀+', '😀😀', true],
  ]
  for (const [pattern, text, expected] of rows) {
    assert.equal(matches(pattern, text), expected, `${pattern} against ${text}`)
  }
})

test('what takes other matchers forever takes no time', () => {
  const text = 'a'.repeat(20_000)
  assert.equal(matches('(a+)+b', text), false)
  assert.equal(matches('(a|aa)*b', text), false)
  assert.equal(matches('(.*)*(.*)*x', text), false)
  assert.equal(matches('((){999}){999}', ''), true)
})

test('what is no pattern, not supported or too big is refused with the reason', () => {
  for (const [pattern, reason] of [
    ['(', /no end/],
    ['a)', /unmatched/],
    ['[a', /no end/],
    ['*a', /nothing to repeat/],
    ['a{2', /expected \{n\}/],
    ['a{3,2}', /ends before/],
    ['[z-a]', /ends before/],
    ['(?=a)b', /not supported/],
    ['(a)\\1', /not supported/],
    ['a++', /not supported/],
    ['a\\', /backslash/],
    ['\\p{Klingon}', /unknown class/],
    ['(a{999}){999}', /too many/],
    ['('.repeat(60) + ')'.repeat(60), /within each other/],
    ['a'.repeat(3000), /at most/],
  ] as const) {
    const compiled = compilePattern(pattern)
    assert.ok(compiled.kind === 'invalid', pattern)
    assert.match(compiled.message, reason)
  }
})

test('text and pattern that are too long together have no answer', () => {
  assert.equal(matches('(a{100}|b{100}){10}', 'a'.repeat(100_000)), null)
})
