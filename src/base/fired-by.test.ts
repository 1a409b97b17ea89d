import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firedByText, flowAsRuleName } from './fired-by.ts'

test('a flow is told from a rule, whatever the rule is called', () => {
  assert.equal(firedByText(flowAsRuleName('Notify')), 'flow "Notify"')
  assert.equal(firedByText('Tell%3A ERP'), 'rule "Tell: ERP"')
  assert.equal(firedByText('flow%3ANotify'), 'rule "flow:Notify"')
})
