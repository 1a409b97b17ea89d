import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assignmentXml,
  compileFlowXml,
  connectorXml,
  decisionXml,
  flowXml,
  obstaclesOf,
  outboundMessageXml,
  runXml,
  updateXml,
} from '../../../test/support/flows.ts'
import { fireContext, recordOf, thing } from '../../../test/support/rules-org.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import { FLOW_ELEMENTS_MAX, type FlowAccount, runFlows, runPath } from './run-flows.ts'

const BEFORE = 'RecordBeforeSave' as const
const PARENT = recordOf('Parent__c', 7, { Name: 'Acme', Limit__c: '10', Stage__c: 'New' })
const CHILD = { Parent__c: PARENT.recordId }
const TELL = outboundMessageXml('Thing__c.Tell')

const filter = (field: string, operator: string, type: string, value: string) =>
  `<filters><field>${field}</field><operator>${operator}</operator><value><${type}>${value}</${type}></value></filters>`
const REQUIRES_CHANGE =
  '<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>'

function enters(
  parts: { readonly start?: string; readonly on?: string },
  after: FieldValues,
  before: FieldValues | null = null,
): boolean {
  const others = [PARENT]
  return runXml(flowXml({ ...parts, body: TELL }), after, { before, others }).flows.length === 1
}

test('a flow runs for the kind of save it is for', () => {
  assert.equal(enters({ on: 'Create' }, {}), true)
  assert.equal(enters({ on: 'Create' }, {}, {}), false)
  assert.equal(enters({ on: 'Update' }, {}), false)
  assert.equal(enters({ on: 'Update' }, {}, {}), true)
  assert.equal(enters({ on: 'CreateAndUpdate' }, {}, {}), true)
})

test('entry filters are joined by their logic', () => {
  const filters = `${filter('Text__c', 'EqualTo', 'stringValue', 'a')}${filter('Check__c', 'EqualTo', 'booleanValue', 'true')}`
  const start = (logic: string) => `<filterLogic>${logic}</filterLogic>${filters}`
  assert.equal(enters({ start: start('and') }, { Text__c: 'A' }), false)
  assert.equal(enters({ start: start('or') }, { Text__c: 'A' }), true)
  assert.equal(enters({ start: start('1 AND NOT 2') }, { Text__c: 'a' }), true)
  assert.equal(enters({ start: start('1 AND NOT 2') }, { Text__c: 'a', Check__c: true }), false)
})

test('an entry formula sees the record, what it was, and its parents', () => {
  const start = (formula: string) => `<filterFormula>${formula}</filterFormula>`
  const grown = start('{!$Record.Number__c} &gt; {! $Record__Prior.Number__c }')
  assert.equal(enters({ start: grown }, { Number__c: '2' }, { Number__c: '1' }), true)
  assert.equal(enters({ start: grown }, { Number__c: '1' }, { Number__c: '1' }), false)
  assert.equal(enters({ start: grown }, { Number__c: '2' }), false)
  const changed = start('NOT ISNEW() &amp;&amp; ISCHANGED({!$Record.Text__c}) /* {!so} */')
  assert.equal(enters({ start: changed }, { Text__c: 'b' }, { Text__c: 'a' }), true)
  assert.equal(enters({ start: changed }, { Text__c: 'b' }), false)
  const parent = start('{!$Record.Parent__r.Limit__c} = 10')
  assert.equal(enters({ start: parent }, CHILD), true)
  assert.equal(enters({ start: start('{!$Record.Percent__c} = 20') }, { Percent__c: '20' }), true)
})

test('a flow that asks for a change runs at the save that meets its conditions', () => {
  const start = `${REQUIRES_CHANGE}${filter('Text__c', 'EqualTo', 'stringValue', 'a')}`
  assert.equal(enters({ start }, { Text__c: 'a' }), true)
  assert.equal(enters({ start }, { Text__c: 'a' }, { Text__c: 'b' }), true)
  assert.equal(enters({ start }, { Text__c: 'a' }, { Text__c: 'a' }), false)
  const formula = `${REQUIRES_CHANGE}<filterFormula>10 / {!$Record.Number__c} &gt; 1</filterFormula>`
  assert.equal(enters({ start: formula }, { Number__c: '2' }, { Number__c: '0' }), true)
})

test('a flow before the save sets fields of the record, each seen by what comes after', () => {
  const body = [
    assignmentXml(
      [
        ['$Record.Text__c', 'Assign', 'one'],
        ['$Record.Text__c', 'Add', '!$Record.Name'],
        ['$Record.Number__c', 'Assign', '!Third'],
        ['$Record.Date__c', 'Assign', '!$Flow.CurrentDate'],
        ['$Record.Date__c', 'Subtract', 4],
        ['$Record.Check__c', 'Assign', true],
      ],
      { next: 'More' },
    ),
    updateXml({ Stage__c: 'Closed', Time__c: null }, { name: 'More' }),
    '<formulas><name>Third</name><dataType>Number</dataType><expression>LEN({!$Record.Text__c}) / 3</expression><scale>2</scale></formulas>',
  ].join('')
  const ran = runXml(flowXml({ when: BEFORE, body }), { Name: ' and', Time__c: '10:00:00.000Z' })
  assert.deepEqual(ran.fields, {
    Text__c: 'one and',
    Number__c: '2.33',
    Date__c: '2026-02-28',
    Check__c: true,
    Stage__c: 'Closed',
    Time__c: null,
  })
})

test('variables, constants, texts and templates hold what they are given', () => {
  const body = `
    <variables><name>Count</name><dataType>Number</dataType><value><numberValue>1.0</numberValue></value></variables>
    <variables><name>Nothing</name><dataType>Number</dataType></variables>
    <variables><name>Greeting</name><dataType>String</dataType></variables>
    <constants><name>Step_Size</name><dataType>Number</dataType><value><numberValue>2</numberValue></value></constants>
    <textTemplates><name>Letter</name><text>Dear {!$Record.Parent__r.Name} ({!$Record.Stage__c}{!$Record.Check__c}),</text></textTemplates>
    ${assignmentXml([
      ['Count', 'Add', '!Step_Size'],
      ['Nothing', 'Add', 1],
      ['Greeting', 'Assign', '{!Letter} hello'],
      ['$Record.Number__c', 'Assign', '!Count'],
      ['$Record.Amount__c', 'Assign', '!Nothing'],
      ['$Record.Text__c', 'Assign', '!Greeting'],
    ])}`
  const ran = runXml(flowXml({ when: BEFORE, body }), CHILD, { others: [PARENT] })
  const Text__c = 'Dear Acme (false), hello'
  assert.deepEqual(ran.fields, { Number__c: '3', Amount__c: null, Text__c })
})

test('an assignment after the save stays in memory until the record is updated', () => {
  const assign = assignmentXml([['$Record.Text__c', 'Assign', 'new']], { next: 'More' })
  const save =
    '<recordUpdates><name>More</name><inputReference>$Record</inputReference></recordUpdates>'
  const only = assignmentXml([['$Record.Text__c', 'Assign', 'new']])
  assert.deepEqual(runXml(flowXml({ body: only }), {}).fields, {})
  assert.deepEqual(runXml(flowXml({ body: assign + save }), {}).fields, { Text__c: 'new' })
})

test('an update with filters is left out for a record that does not meet them', () => {
  const target = `${filter('Text__c', 'IsNull', 'booleanValue', 'true')}<inputReference>$Record</inputReference>`
  const xml = flowXml({ body: updateXml({ Text__c: 'was blank' }, { target }) })
  assert.deepEqual(runXml(xml, {}).fields, { Text__c: 'was blank' })
  assert.deepEqual(runXml(xml, { Text__c: 'x' }).fields, {})
})

test('a parent is updated by its relationship, or by its id', () => {
  const byId = (reference: string) =>
    `<object>Parent__c</object>${filter('Id', 'EqualTo', 'elementReference', reference)}`
  const closedOnly = filter('Stage__c', 'EqualTo', 'stringValue', 'Closed')
  const targets: readonly [string, boolean][] = [
    ['<inputReference>$Record.Parent__r</inputReference>', true],
    [byId('$Record.Parent__c'), true],
    [byId('$Record.Parent__r.Id'), true],
    [`${byId('$Record.Parent__c')}${closedOnly}`, false],
  ]
  for (const [target, isWritten] of targets) {
    const xml = flowXml({ body: updateXml({ Limit__c: '!$Record.Number__c' }, { target }) })
    const wanted = isWritten ? [{ recordId: PARENT.recordId, fields: { Limit__c: '3' } }] : []
    const after = { ...CHILD, Number__c: '3' }
    assert.deepEqual(runXml(xml, after, { others: [PARENT] }).parentUpdates, wanted, target)
    assert.deepEqual(runXml(xml, { Number__c: '3' }, { others: [PARENT] }).parentUpdates, [])
  }
  const own = `<object>Thing__c</object>${filter('Id', 'EqualTo', 'elementReference', '$Record.Id')}`
  const xml = flowXml({ body: updateXml({ Text__c: 'x' }, { target: own }) })
  assert.deepEqual(runXml(xml, {}).fields, { Text__c: 'x' })
})

test('a decision takes the first outcome whose conditions hold, else the default one', () => {
  const body = [
    decisionXml([['$Record.Number__c', 'GreaterThan', 5]], { otherwise: 'Small' }),
    outboundMessageXml('Thing__c.Tell', { name: 'Then', next: 'Small' }),
    decisionXml([['Then', 'WasVisited', true]], { name: 'Small', taken: 'Mark' }),
    updateXml({ Text__c: 'told' }, { name: 'Mark' }),
  ].join('')
  const xml = flowXml({ body })
  const big = runXml(xml, { Number__c: '6' })
  assert.deepEqual(big.outboundMessages, [{ key: 'Thing__c.Tell', flow: 'A_Flow' }])
  assert.deepEqual(big.fields, { Text__c: 'told' })
  const small = runXml(xml, { Number__c: '5' })
  assert.deepEqual([small.outboundMessages, small.fields], [[], {}])
})

test('flows of an object run by trigger order, then by name; each on what those before it left', () => {
  const order = (number: number) => `<triggerOrder>${number}</triggerOrder>`
  const adding = (letter: string, more = '') =>
    flowXml({
      when: BEFORE,
      body: assignmentXml([['$Record.Text__c', 'Add', letter]]) + more,
    })
  const ran = runXml(
    {
      Z_late: adding('l', order(1001)),
      B_none: adding('b'),
      Y_second: adding('2', order(2)),
      X_first: adding('1', order(1)),
      A_none: adding('a'),
    },
    {},
  )
  assert.deepEqual(ran.flows, ['X_first', 'Y_second', 'A_none', 'B_none', 'Z_late'])
  assert.deepEqual(ran.fields, { Text__c: '12abl' })
})

test('a flow whose values have no result, or that never ends, fails with its element', () => {
  const failed = (body: string, start = '') => {
    const compiled = compileFlowXml({ A_Flow: flowXml({ body, start }) })
    const change = { before: null, after: thing({ Number__c: '0' }) }
    const steps: string[] = []
    const ran = runFlows(compiled.afterSave('Thing__c'), change, fireContext(), (account) => {
      steps.push(...account.steps.map(({ kind, element }) => `${kind} ${element}`))
    })
    if (ran.kind !== 'failed') return null
    return { element: ran.element, reason: ran.reason, steps: steps.length }
  }
  const formula =
    '<formulas><name>Bad</name><dataType>Number</dataType><expression>1 / {!$Record.Number__c}</expression></formulas>'
  assert.deepEqual(failed(updateXml({ Amount__c: '!Bad' }) + formula), {
    element: 'Step',
    reason: 'division by zero',
    steps: 0,
  })
  const entry = '<filterFormula>1 / {!$Record.Number__c} = 1</filterFormula>'
  assert.deepEqual(failed(TELL, entry), {
    element: null,
    reason: 'division by zero',
    steps: 0,
  })
  const circle = assignmentXml([['$Record.Text__c', 'Assign', 'x']], { next: 'Step' })
  assert.deepEqual(failed(circle), {
    element: 'Step',
    reason: `it came by more than ${FLOW_ELEMENTS_MAX} elements`,
    steps: FLOW_ELEMENTS_MAX,
  })
})

test('a scheduled path runs from its own first element, on the record as it stands', () => {
  const path = `<scheduledPaths><name>Later</name>${connectorXml('Step')}<offsetNumber>3</offsetNumber>
    <offsetUnit>Days</offsetUnit><timeSource>RecordTriggerEvent</timeSource></scheduledPaths>`
  const body = updateXml({ Text__c: 'later' })
  const compiled = compileFlowXml({ A_Flow: flowXml({ first: null, start: path, body }) })
  const flow = compiled.flowNamed('A_Flow')
  assert.ok(flow, JSON.stringify(compiled.problems))
  const change = { before: null, after: thing() }
  const now = runFlows([flow], change, fireContext())
  assert.deepEqual(now.kind === 'ran' && now.fields, {})
  const later = runPath(flow, { pathName: 'Later', record: thing() }, fireContext())
  assert.deepEqual(later.kind === 'ran' && later.fields, { Text__c: 'later' })
})

test('whoever listens hears which conditions were met by which values, and what was done', () => {
  const accounts: FlowAccount[] = []
  const start = filter('Number__c', 'GreaterThan', 'numberValue', '1')
  const body = `${decisionXml([['$Record.Text__c', 'EqualTo', 'a']])}${outboundMessageXml('Thing__c.Tell', { name: 'Then' })}`
  const listener = (account: FlowAccount) => void accounts.push(account)
  runXml(flowXml({ start, body }), { Number__c: '2', Text__c: 'a' }, { listener })
  runXml(flowXml({ start, body }), { Number__c: '1' }, { listener })
  const entry = (value: string, isMet: boolean) => [
    { condition: 'Number__c GreaterThan 1', value, isMet },
  ]
  assert.deepEqual(accounts, [
    {
      flow: 'A_Flow',
      entrance: 'entered',
      entry: entry('2', true),
      steps: [
        {
          kind: 'decision',
          element: 'Step',
          outcome: 'Yes',
          rules: [
            {
              name: 'Yes',
              seen: [{ condition: '$Record.Text__c EqualTo a', value: 'a', isMet: true }],
            },
          ],
        },
        { kind: 'action', element: 'Then', action: 'outboundMessage Thing__c.Tell' },
      ],
    },
    {
      flow: 'A_Flow',
      entrance: 'its entry conditions are not met',
      entry: entry('1', false),
      steps: [],
    },
  ])
})

test('an account says why a flow did not run', () => {
  const entrances: string[] = []
  const listener = ({ entrance }: FlowAccount) => void entrances.push(entrance)
  const start = `${REQUIRES_CHANGE}${filter('Text__c', 'EqualTo', 'stringValue', 'a')}`
  const run = (parts: object, after: FieldValues, before: FieldValues | null) =>
    runXml(flowXml({ start, body: TELL, ...parts }), after, { before, listener })
  run({ on: 'Create' }, { Text__c: 'a' }, {})
  run({ on: 'Update' }, { Text__c: 'a' }, null)
  run({}, { Text__c: 'b' }, null)
  run({}, { Text__c: 'a' }, { Text__c: 'a' })
  assert.deepEqual(entrances, [
    'not for updates',
    'not for new records',
    'its entry conditions are not met',
    'its entry conditions were met before the save too',
  ])
})

test('an account masks secrets and what is made of them, and tells of what has no result', () => {
  const accounts: FlowAccount[] = []
  const secret = '$Setup.Secrets__c.Password__c'
  const body = [
    '<variables><name>Kept</name><dataType>String</dataType></variables>',
    `<textTemplates><name>Text</name><text>is {!${secret}}</text></textTemplates>`,
    assignmentXml(
      [
        ['Kept', 'Assign', `!${secret}`],
        ['Kept', 'Add', '!Text'],
        ['$Record.Number__c', 'Assign', 3],
      ],
      { next: 'Ask' },
    ),
    decisionXml(
      [
        ['Kept', 'EqualTo', 'x'],
        [secret, 'EqualTo', 'x'],
        ['Ratio', 'EqualTo', 1],
      ],
      { name: 'Ask', logic: '1 AND 2 AND 3' },
    ),
    updateXml({ Text__c: '!Text' }, { name: 'Then' }),
    '<formulas><name>Ratio</name><dataType>Number</dataType><expression>1 / 0</expression></formulas>',
  ].join('')
  runXml(flowXml({ body }), {}, { listener: (account) => void accounts.push(account) })
  const [account] = accounts
  const values = account?.steps.flatMap((step) => {
    if (step.kind === 'set') return [step.value]
    return step.kind === 'decision' ? step.rules[0]?.seen.map(({ value }) => value) : []
  })
  assert.deepEqual(values, ['*****', '*****', '3', '*****', '*****', 'division by zero'])
})

test('a flow before the save changes its own record and does nothing else', () => {
  const parent = '<inputReference>$Record.Parent__r</inputReference>'
  const rows: readonly [string, RegExp][] = [
    [updateXml({ Limit__c: 1 }, { target: parent }), /changes no other record/],
    [TELL, /has no actions/],
  ]
  for (const [body, reason] of rows) {
    assert.match(obstaclesOf(flowXml({ when: BEFORE, body })).join(), reason)
  }
})
