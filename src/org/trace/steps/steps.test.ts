import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assignmentXml, flowDefinition, flowXml } from '../../../../test/support/flows.ts'
import { openTestOrg, type TestOrg } from '../../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  sendableMessage,
  validationRule,
  workflowRule,
} from '../../../../test/support/org-definitions.ts'
import { ROLLED_UP_OBJECTS } from '../../../../test/support/rolled-up-objects.ts'
import { DAY_MS } from '../../../base/clock.ts'
import { rawFields } from '../../save/record-edit.ts'
import { openTimeQueue } from '../../time-queue/time-queue.ts'
import type { SaveTrace, ToldStep } from '../save-trace.ts'
import { traceSave } from '../trace-save.ts'

/** The traces of the last save. */
function lastTraces({ decided }: TestOrg): readonly SaveTrace[] {
  const save = decided.at(-1)
  return save ? [...traceSave(save, () => 'id')].flat() : []
}

function stepOf(trace: SaveTrace | undefined, kind: ToldStep['kind']): ToldStep {
  const step = trace?.steps.find((each) => each.kind === kind)
  assert.ok(step && step.kind !== 'workflowRules')
  return step
}

test('flows tell what they looked at and did, and why they did not run', async (t) => {
  const site =
    '<filters><field>Rating</field><operator>EqualTo</operator><value><stringValue>Hot</stringValue></value></filters>'
  const body = assignmentXml([['$Record.Site', 'Assign', 'here']])
  const flow = (name: string, parts: object) =>
    flowDefinition(flowXml({ object: 'Account', when: 'RecordBeforeSave', body, ...parts }), name)
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      flows: [flow('Always', {}), flow('Hot', { start: site }), flow('Draft', { status: 'Draft' })],
    }),
  })

  await house.create('Account', { Name: 'Acme', Rating: 'Cold' })

  const step = stepOf(lastTraces(house)[0], 'beforeSaveFlows')
  assert.deepEqual(
    step.verdicts.map(({ name, reason }) => [name, reason.replace(/\$Record\S* /, '')]),
    [
      ['Always', 'ran'],
      ['Hot', `did not run: ${stepText(step, 'Hot')}`],
      ['Draft', 'did not run: it is inactive'],
    ],
  )
  assert.match(stepText(step, 'Hot'), /Hot: the value is Cold$/)
  assert.deepEqual(
    step.log.find(([event]) => event === 'FLOW_ASSIGNMENT_LOG'),
    ['FLOW_ASSIGNMENT_LOG', 'Always', 'Step', '$Record.Site', 'here'],
  )
})

/** Why a flow did not run. */
function stepText({ verdicts }: ToldStep, name: string): string {
  const found = verdicts.find((each) => each.name === name)
  return found?.reason.replace('did not run: ', '').replace(/\$Record\S* /, '') ?? ''
}

test('what a save queues, and what becomes of it when it is due, is told', async (t) => {
  const waiting = workflowRule({
    fullName: 'Hot',
    formula: 'ISPICKVAL(Rating, "Hot")',
    triggerType: 'onCreateOrTriggeringUpdate',
    actions: [],
    timeTriggers: [
      {
        actions: [{ name: 'Tell_ERP', type: 'OutboundMessage' }],
        offsetFromField: null,
        timeLength: 1,
        unit: 'Days',
      },
    ],
  })
  const house = await openTestOrg(t, {
    definitions: asDefinitions({ rules: [waiting], messages: [sendableMessage()] }),
  })
  const recordId = await house.create('Account', { Name: 'Acme', Rating: 'Hot' })
  const dueAt = new Date(house.clock.at + DAY_MS).toISOString()
  const name = 'rule "Hot", time trigger 1'

  assert.deepEqual(stepOf(lastTraces(house)[0], 'timeTriggers').verdicts, [
    { name, verdict: 'queued', reason: `queued: due at ${dueAt}` },
  ])

  house.clock.at += DAY_MS
  await openTimeQueue({ org: house.org, store: house.stores.timeQueue }).turn()

  const [due] = lastTraces(house)
  assert.deepEqual([due?.recordId, due?.outcome, due?.fields], [recordId, 'saved', []])
  assert.deepEqual(stepOf(due, 'timeTriggers').verdicts, [
    { name, verdict: 'carried out', reason: 'carried out: it was due' },
  ])
})

test('where a master refuses its details, those that stay are told once', async (t) => {
  const house = await openTestOrg(t, {
    definitions: asDefinitions({
      objects: ROLLED_UP_OBJECTS,
      rules: [workflowRule({ objectName: 'Order__c', formula: 'Amount__c > 5', actions: [] })],
      validationRules: [
        validationRule({
          fullName: 'Too_much',
          objectName: 'Shop__c',
          errorConditionFormula: 'Name = "Closed" && Turnover__c > 0',
        }),
      ],
    }),
  })
  const City__c = await house.create('City__c', { Name: 'Rome' })
  const open = await house.create('Shop__c', { Name: 'Open', City__c })
  const closed = await house.create('Shop__c', { Name: 'Closed', City__c })
  const order = (Shop__c: string) => ({
    kind: 'create' as const,
    objectName: 'Order__c',
    fields: rawFields({ Shop__c, Amount__c: 10, Status__c: 'Paid' }),
  })

  await house.save([order(open), order(closed)])

  const orders = lastTraces(house).filter(({ objectName }) => objectName === 'Order__c')
  assert.deepEqual(
    orders.map(({ outcome, steps, errors }) => [outcome, steps.length, errors.length]),
    [
      ['saved', 1, 0],
      ['refused', 0, 1],
    ],
  )
})
