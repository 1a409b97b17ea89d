import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  openTestOrg,
  type TestDefinitions,
  type TestOrg,
} from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  CREDENTIAL,
  fieldUpdate,
  validationRule,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { customObject } from '../../schema/custom-object.ts'
import { reference } from '../../schema/define-field.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { rawFields } from '../save/record-edit.ts'
import type { SaveTrace } from './save-trace.ts'
import { isTold, traceSave } from './trace-save.ts'

const newId = () => 'id'

const openOrg = (
  t: Parameters<typeof openTestOrg>[0],
  parts: Parameters<typeof asDefinitions>[0],
): Promise<TestOrg> => openTestOrg(t, { definitions: asDefinitions(parts) as TestDefinitions })

/** The traces of the last save. */
function lastTraces({ decided }: TestOrg): readonly SaveTrace[] {
  const save = decided.at(-1)
  return save && isTold(save) ? [...traceSave(save, newId)].flat() : []
}

function verdictsOf(trace: SaveTrace | undefined) {
  return (trace?.steps ?? []).flatMap((step) =>
    step.kind === 'workflowRules'
      ? step.rules.map(({ name, verdict }) => `${name}: ${verdict}`)
      : step.verdicts.map(({ name, verdict }) => `${name}: ${verdict}`),
  )
}

const creation = (fields: object) =>
  ({ kind: 'create', objectName: 'Account', fields: rawFields(fields) }) as const
const edit = (recordId: RecordId, fields: object) =>
  ({ kind: 'update', objectName: 'Account', recordId, fields: rawFields(fields) }) as const

test('a save is told with what it changed and what each rule made of it', async (t) => {
  const house = await openOrg(t, {
    rules: [
      workflowRule({ fullName: 'Big%3A deal', formula: 'AnnualRevenue > 100', actions: [] }),
      workflowRule({ fullName: 'Asleep', active: false }),
    ],
  })
  const id = await house.create('Account', { Name: 'Acme', AnnualRevenue: 5 })
  await house.save([edit(id, { AnnualRevenue: 50 })])

  const [trace, ...more] = lastTraces(house)

  assert.deepEqual(more, [])
  assert.partialDeepStrictEqual(trace, {
    objectName: 'Account',
    recordId: id,
    recordName: 'Acme',
    change: 'updated',
    outcome: 'saved',
    version: 2,
    username: 'admin@example.com',
    savedAt: house.clock.at,
    fields: [{ field: 'AnnualRevenue', before: '5', after: '50' }],
  })
  const [step] = trace?.steps ?? []
  assert.ok(step?.kind === 'workflowRules')
  assert.deepEqual(
    step.rules.map(({ name, reason, ruleId }) => [name, reason, ruleId?.slice(0, 3)]),
    [
      ['Big: deal', 'did not fire: its formula is false (AnnualRevenue is 50)', '01Q'],
      ['Asleep', 'not evaluated: the rule is inactive', '01Q'],
    ],
  )
})

test('what a validation rule refuses is told with the rule and the values', async (t) => {
  const house = await openOrg(t, {
    rules: [workflowRule()],
    validationRules: [
      validationRule({
        fullName: 'Phone_needed',
        errorConditionFormula: 'AND(AnnualRevenue > 10, ISBLANK(Phone))',
      }),
      validationRule({ fullName: 'Off', errorConditionFormula: 'TRUE', active: false }),
    ],
  })

  await house.save([
    creation({ Name: 'Good', Phone: '1' }),
    creation({ Name: 'Bad', AnnualRevenue: 50 }),
  ])

  const [saved, refused] = lastTraces(house)
  assert.deepEqual(verdictsOf(saved), ['Phone_needed: passed', 'Off: not evaluated', 'Tell: fired'])
  assert.partialDeepStrictEqual(refused, {
    recordName: 'Bad',
    change: 'created',
    outcome: 'refused',
    version: null,
    errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' }],
  })
  const [step] = refused?.steps ?? []
  assert.ok(step?.kind === 'validationRules')
  assert.equal(
    step.verdicts[0]?.reason,
    'refused the save: its formula is true (AnnualRevenue is 50, Phone is blank)',
  )
  assert.deepEqual(
    step.log.map(([event, ...texts]) => [event, texts.at(-1)]),
    [
      ['VALIDATION_RULE', 'Phone_needed'],
      ['VALIDATION_FORMULA', 'AnnualRevenue=50, Phone=null'],
      ['VALIDATION_FAIL', undefined],
    ],
  )
})

test('where all or none was asked for, the good records are told as refused too', async (t) => {
  const house = await openOrg(t, { rules: [workflowRule()] })

  await house.save([creation({ Name: 'Good' }), creation({})], true)

  assert.deepEqual(
    lastTraces(house).map(({ outcome, errors }) => [outcome, errors[0]?.statusCode]),
    [
      ['refused', 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
      ['refused', 'REQUIRED_FIELD_MISSING'],
    ],
  )
})

test('a parent that a field update writes has a trace of its own, with its own rules', async (t) => {
  const house = await openOrg(t, {
    rules: [
      workflowRule({
        fullName: 'Up',
        formula: 'NOT(ISBLANK(ParentId))',
        actions: [{ name: 'Set_Parent', type: 'FieldUpdate' }],
      }),
    ],
    fieldUpdates: [fieldUpdate({ fullName: 'Set_Parent', targetObject: 'ParentId' })],
  })
  const parentId = await house.create('Account', { Name: 'Parent' })
  const childId = await house.create('Account', { Name: 'Child', ParentId: parentId })

  const traces = lastTraces(house)

  assert.deepEqual(
    traces.map(({ recordId, change, version }) => [recordId, change, version]),
    [
      [childId, 'created', 1],
      [parentId, 'updated', 2],
    ],
  )
  assert.deepEqual(traces.map(verdictsOf), [['Up: fired'], ['Up: did not fire']])
  const [step] = traces[0]?.steps ?? []
  assert.ok(step?.kind === 'workflowRules')
  assert.partialDeepStrictEqual(step.rules[0]?.fieldUpdates, [
    {
      recordId: parentId,
      field: 'Description',
      before: null,
      after: 'updated',
      outcome: 'changed',
    },
  ])
})

test('a save that is decided again after others changed the record is told as it was committed', async (t) => {
  const house = await openOrg(t, { rules: [workflowRule({ formula: 'AnnualRevenue > 100' })] })
  const id = await house.create('Account', { Name: 'Acme' })

  await Promise.all(
    [1, 2, 3].map((Phone) => house.save([edit(id, { Phone: String(Phone), AnnualRevenue: 200 })])),
  )

  const versions = house.decided.slice(1).flatMap((save) => {
    return [...traceSave(save, newId)].flat().map(({ outcome, version }) => [outcome, version])
  })
  assert.deepEqual(versions.toSorted(), [
    ['saved', 2],
    ['saved', 3],
    ['saved', 4],
  ])
  assert.ok(house.decided.some(({ tries }) => tries.length > 1))
})

test('what has no rules is not told, and secrets are masked', async (t) => {
  const house = await openOrg(t, {
    objects: [CREDENTIAL],
    rules: [
      workflowRule({
        objectName: CREDENTIAL.name,
        formula: 'LEN(Password__c) > 100',
        actions: [],
      }),
    ],
  })
  await house.create('Account', { Name: 'Acme' })
  assert.deepEqual(lastTraces(house), [])

  await house.create(CREDENTIAL.name, {
    SetupOwnerId: house.org.organizationId,
    Username__c: 'someone',
    Password__c: 'opensesame',
  })

  const [trace] = lastTraces(house)
  assert.doesNotMatch(JSON.stringify(trace), /opensesame/)
  assert.deepEqual(
    trace?.fields.find(({ field }) => field === 'Password__c'),
    { field: 'Password__c', before: null, after: '******' },
  )
})

test('of a save of many records each has its trace, and what they carry along has one', async (t) => {
  const house = await openOrg(t, {
    rules: [
      workflowRule({
        fullName: 'Up',
        formula: 'NOT(ISBLANK(ParentId))',
        actions: [{ name: 'Set_Parent', type: 'FieldUpdate' }],
      }),
    ],
    fieldUpdates: [fieldUpdate({ fullName: 'Set_Parent', targetObject: 'ParentId' })],
  })
  const ParentId = await house.create('Account', { Name: 'Parent' })

  await house.save(
    Array.from({ length: 60 }, (_, index) => creation({ Name: `${index}`, ParentId })),
  )

  const traces = lastTraces(house)
  const names = traces.map(({ recordName }) => recordName)
  assert.deepEqual(names.slice(0, 3), ['0', '1', '2'])
  assert.equal(new Set(names).size, 61)
  assert.deepEqual(
    traces
      .filter(({ recordId }) => recordId === ParentId)
      .map(({ version, steps }) => [version, steps.length]),
    [[2, 60]],
  )
})

test('a deletion is told with what it ended, and what went with the record; one that is refused says why', async (t) => {
  const Order__c = customObject({ name: 'Order__c', fields: [] })
  const Line__c = customObject({
    name: 'Line__c',
    fields: [reference('Order__c', ['Order__c'], { masterDetail: true })],
  })
  const Invoice__c = customObject({
    name: 'Invoice__c',
    fields: [reference('Order__c', ['Order__c'], { deleteConstraint: 'Restrict' })],
  })
  const timeTriggers = [
    { actions: [], offsetFromField: null, timeLength: 1, unit: 'Days' as const },
  ]
  const house = await openOrg(t, {
    objects: [Order__c, Line__c, Invoice__c],
    rules: [
      workflowRule({
        objectName: 'Line__c',
        fullName: 'Wait',
        actions: [],
        timeTriggers,
        triggerType: 'onCreateOnly',
      }),
    ],
  })
  const order = await house.create('Order__c', { Name: 'O' })
  const line = await house.create('Line__c', { Name: 'L', Order__c: order })
  const invoice = await house.create('Invoice__c', { Name: 'I', Order__c: order })
  const deleting = (recordId: RecordId) =>
    house.save([{ kind: 'delete', objectName: null, recordId }])

  await deleting(order)
  const [refused] = lastTraces(house)
  await deleting(invoice)
  await deleting(order)
  const traces = lastTraces(house)

  assert.partialDeepStrictEqual(refused, {
    recordId: order,
    change: 'deleted',
    outcome: 'refused',
    errors: [{ statusCode: 'DELETE_FAILED' }],
  })
  assert.deepEqual(
    traces.map(({ recordId, change, outcome }) => [recordId, change, outcome]),
    [
      [order, 'deleted', 'saved'],
      [line, 'deleted', 'saved'],
    ],
  )
  assert.deepEqual(traces.map(verdictsOf), [[], ['rule "Wait", time trigger 1: removed']])
})
