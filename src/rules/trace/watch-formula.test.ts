import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextOf, objects, THING, thing } from '../../../test/support/rules-org.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import type { PartTrace } from './formula-trace.ts'
import { WATCHED_LENGTH_MAX, watchFormula } from './watch-formula.ts'

const OPTIONS = { object: THING, objects, blanks: 'asNull' } as const

function watch(formula: string, after: FieldValues, before: FieldValues | null = null) {
  const watched = watchFormula(formula, OPTIONS)
  assert.ok(watched)
  const isNew = before === null
  return watched(contextOf(thing(after), { before: before && thing(before), isNew }))
}

/** `text: value`, parts indented. */
function lines(part: PartTrace | null, indent = ''): readonly string[] {
  if (part === null) return []
  const came = part.state === 'evaluated' ? String(part.value) : part.state
  return [
    `${indent}${part.text}: ${came}`,
    ...part.parts.flatMap((each) => lines(each, `${indent}  `)),
  ]
}

test('each part says what it came to, and what was passed over says that', () => {
  const { root, result } = watch('IF(Check__c && Number__c + 1 > 5, UPPER(Text__c), "no")', {
    Check__c: false,
    Text__c: 'hello',
  })

  assert.equal(result, 'no')
  assert.deepEqual(lines(root), [
    'IF(Check__c && Number__c + 1 > 5, UPPER(Text__c), "no"): no',
    '  Check__c && Number__c + 1 > 5: false',
    '    Check__c: false',
    '    Number__c + 1 > 5: not evaluated',
    '  UPPER(Text__c): not evaluated',
  ])
})

test('a part is told with its parentheses and its place', () => {
  const { root } = watch('AND(\n  (Number__c > 3),\n  (Number__c * (2 + 1)) = 12 )', {
    Number__c: '4',
  })

  assert.deepEqual(
    root?.parts.map(({ text, from, to, value }) => ({ text, from, to, value })),
    [
      {
        text: '(Number__c > 3)',
        from: { line: 2, column: 3 },
        to: { line: 2, column: 17 },
        value: true,
      },
      {
        text: '(Number__c * (2 + 1)) = 12',
        from: { line: 3, column: 3 },
        to: { line: 3, column: 28 },
        value: true,
      },
    ],
  )
})

test('fields are told by what they hold now, and before where the formula asks for that', () => {
  const { values } = watch(
    'ISCHANGED(Stage__c) || PRIORVALUE(Number__c) > 3 || Date__c > TODAY() || Nonsense__c = 1',
    { Stage__c: 'New', Number__c: '7' },
    { Stage__c: 'New', Number__c: '2' },
  )

  assert.deepEqual(values, [
    { name: 'Stage__c', value: 'New', before: 'New' },
    { name: 'Number__c', value: '7', before: '2' },
    { name: 'Date__c', value: null },
    { name: 'Nonsense__c', value: null },
  ])
})

test('a part without a result says why, and the formula with it', () => {
  const { error, root } = watch('1 / Number__c', { Number__c: '0' })

  assert.equal(error, 'division by zero')
  assert.deepEqual([root?.state, root?.error], ['failed', 'division by zero'])
})

test('a very long formula is told by its result alone, a wide one in part', () => {
  const long = watch(`${'1 + '.repeat(WATCHED_LENGTH_MAX / 4)}1`, {})
  const wide = watch(`${'Number__c + '.repeat(1000)}1`, { Number__c: '1' })

  assert.deepEqual([long.result, long.root], [String(WATCHED_LENGTH_MAX / 4 + 1), null])
  assert.equal(wide.result, '1001')
  assert.equal((wide.root?.parts.length ?? 0) + wide.leftOut, 1000)
  assert.ok(wide.leftOut >= 800)
})

test('what holds a secret is masked, in every part that reads it', () => {
  const fields = THING.fields.map((field) =>
    field.name === 'Text__c' ? { ...field, secret: true } : field,
  )
  const watched = watchFormula('LEFT(Text__c, 3) & Name = "abcX" && VALUE(Text__c) > 1', {
    ...OPTIONS,
    object: { ...THING, fields },
  })
  const told = watched?.(contextOf(thing({ Text__c: 'abcdef', Name: 'X' })))

  assert.ok(told)
  assert.doesNotMatch(
    JSON.stringify(told.values) + JSON.stringify(told.root?.parts[0]?.parts),
    /abcdef|"abc"/,
  )
  assert.doesNotMatch(told.error ?? '', /abcdef/)
  assert.deepEqual(told.values, [
    { name: 'Text__c', value: '******' },
    { name: 'Name', value: 'X' },
  ])
})
