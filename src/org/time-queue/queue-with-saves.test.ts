import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { MORNING, openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  extended,
  fieldUpdate,
  workflowRule,
} from '../../../test/support/org-definitions.ts'
import { DAY_MS, HOUR_MS } from '../../base/clock.ts'
import type { FieldUpdate, TimeTrigger, WorkflowRule } from '../../rules/workflow-rule.ts'
import { field, text } from '../../schema/define-field.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { rawFields } from '../save/record-edit.ts'

const FIELDS = [
  field('Follow_up__c', 'date'),
  text('Code__c', 10, { unique: true, externalId: true }),
]
const IN_THREE_DAYS = trigger({ timeLength: 3 })
const DAY_BEFORE = trigger({ offsetFromField: 'Account.Follow_up__c', timeLength: -1 })

function trigger(more: Partial<TimeTrigger>): TimeTrigger {
  return { actions: [], offsetFromField: null, timeLength: 0, unit: 'Days', ...more }
}

/** A rule that waits while the rating of an account is hot. */
function hot(timeTriggers: readonly TimeTrigger[], more: Partial<WorkflowRule> = {}): WorkflowRule {
  const formula = 'ISPICKVAL(Rating, "Hot")'
  const triggerType = 'onCreateOrTriggeringUpdate'
  return workflowRule({ fullName: 'Hot', formula, triggerType, actions: [], timeTriggers, ...more })
}

async function open(t: TestContext, rules: readonly WorkflowRule[], updates: FieldUpdate[] = []) {
  const definitions = (some: readonly WorkflowRule[]) =>
    asDefinitions({
      objects: [extended('Account', FIELDS)],
      rules: some,
      fieldUpdates: updates,
    })
  const house = await openTestOrg(t, { definitions: definitions(rules) })
  const pending = async () => {
    const found = await house.stores.timeQueue.list({ state: 'pending', limit: 100 })
    return found.map(({ source, recordId, dueAt }) => ({
      trigger: source.kind === 'rule' ? source.triggerIndex : source.pathName,
      recordId,
      dueAt,
    }))
  }
  const removedBecause = async () =>
    (await house.stores.timeQueue.list({ state: 'removed', limit: 100 })).map(
      ({ failureReason }) => failureReason,
    )
  const redefine = (some: readonly WorkflowRule[]) =>
    house.stores.org.replaceDefinitions('project', definitions(some))
  return { ...house, pending, removedBecause, redefine }
}

async function update({ save }: TestOrg, recordId: RecordId, fields: object): Promise<void> {
  const [result] = await save([
    { kind: 'update', objectName: 'Account', recordId, fields: rawFields(fields) },
  ])
  assert.equal(result?.kind, 'saved', JSON.stringify(result))
}

test('a rule that fires queues its time triggers in the same commit, also one without actions', async (t) => {
  const house = await open(t, [hot([IN_THREE_DAYS, DAY_BEFORE, trigger({ unit: 'Hours' })])])

  const recordId = await house.create('Account', {
    Name: 'A',
    Rating: 'Hot',
    Follow_up__c: '2026-03-20',
  })
  await house.create('Account', { Name: 'B', Rating: 'Cold', Follow_up__c: '2026-03-20' })

  assert.deepEqual(await house.pending(), [
    { trigger: 2, recordId, dueAt: MORNING },
    { trigger: 0, recordId, dueAt: MORNING + 3 * DAY_MS },
    { trigger: 1, recordId, dueAt: Date.UTC(2026, 2, 19) },
  ])
  const [entry] = await house.stores.timeQueue.list({ limit: 1 })
  assert.partialDeepStrictEqual(entry, { userId: house.adminId, createdAt: MORNING })
  assert.equal(house.told.filter(({ event }) => event === 'time.queued').length, 3)
})

test('a save that is refused queues nothing', async (t) => {
  const house = await open(t, [hot([IN_THREE_DAYS])])
  const fields = rawFields({ Name: 'A', Rating: 'Hot' })
  const good = { kind: 'create', objectName: 'Account', fields } as const

  await house.save([good, { ...good, fields: rawFields({ Rating: 'Hot' }) }], true)

  assert.deepEqual(await house.pending(), [])
})

test('the save after which a record no longer meets the criteria removes its entries; meeting them again queues again', async (t) => {
  const house = await open(t, [hot([IN_THREE_DAYS])])
  const recordId = await house.create('Account', { Name: 'A', Rating: 'Hot' })

  await update(house, recordId, { Rating: 'Cold' })
  assert.deepEqual(await house.pending(), [])
  assert.deepEqual(await house.removedBecause(), [
    'the record was saved, and no longer meets the criteria',
  ])

  house.clock.at += HOUR_MS
  await update(house, recordId, { Rating: 'Hot' })
  await update(house, recordId, { Site: 'elsewhere' })
  const dueAt = MORNING + HOUR_MS + 3 * DAY_MS
  assert.deepEqual(await house.pending(), [{ trigger: 0, recordId, dueAt }])
})

test('what a rule for new records queued is never queued again, once it is removed', async (t) => {
  const house = await open(t, [hot([IN_THREE_DAYS], { triggerType: 'onCreateOnly' })])
  const recordId = await house.create('Account', { Name: 'A', Rating: 'Hot' })
  assert.equal((await house.pending()).length, 1)

  await update(house, recordId, { Rating: 'Cold' })
  await update(house, recordId, { Rating: 'Hot' })

  assert.deepEqual(await house.pending(), [])
})

test('an entry moves with its date, also into the past, and also when its rule is not evaluated', async (t) => {
  const house = await open(t, [hot([DAY_BEFORE, IN_THREE_DAYS], { triggerType: 'onCreateOnly' })])
  const recordId = await house.create('Account', {
    Name: 'A',
    Rating: 'Hot',
    Follow_up__c: '2026-03-20',
  })
  const dueAts = async () => (await house.pending()).map(({ dueAt }) => dueAt)
  assert.deepEqual(await dueAts(), [MORNING + 3 * DAY_MS, Date.UTC(2026, 2, 19)])

  house.clock.at += DAY_MS
  await update(house, recordId, { Follow_up__c: '2026-04-01' })
  assert.deepEqual(await dueAts(), [MORNING + 3 * DAY_MS, Date.UTC(2026, 2, 31)])
  await update(house, recordId, { Follow_up__c: '2026-02-01' })
  assert.deepEqual(await dueAts(), [Date.UTC(2026, 0, 31), MORNING + 3 * DAY_MS])
  assert.equal(house.told.filter(({ event }) => event === 'time.moved').length, 2)
})

test('a blank date queues nothing, and a date that becomes blank removes what waits', async (t) => {
  const house = await open(t, [hot([DAY_BEFORE])])
  const blank = await house.create('Account', { Name: 'A', Rating: 'Hot' })
  assert.deepEqual(await house.pending(), [])
  await update(house, blank, { Follow_up__c: '2026-03-20' }) // the rule does not fire again
  assert.deepEqual(await house.pending(), [])

  const dated = { Name: 'B', Rating: 'Hot', Follow_up__c: '2026-03-20' }
  await update(house, await house.create('Account', dated), { Follow_up__c: null })
  assert.deepEqual(await house.removedBecause(), ['its date is blank now'])
})

test('a deleted record takes its entries with it', async (t) => {
  const house = await open(t, [hot([IN_THREE_DAYS])])
  const recordId = await house.create('Account', { Name: 'A', Rating: 'Hot' })

  await house.save([{ kind: 'delete', objectName: 'Account', recordId }])

  assert.deepEqual(await house.pending(), [])
  assert.deepEqual(await house.removedBecause(), ['the record was deleted'])
})

test('what an inactive rule, or one that is gone, has queued waits until its record is saved', async (t) => {
  const house = await open(t, [hot([IN_THREE_DAYS])])
  const ids = [
    await house.create('Account', { Name: 'A', Rating: 'Hot' }),
    await house.create('Account', { Name: 'B', Rating: 'Hot' }),
    await house.create('Account', { Name: 'C', Rating: 'Hot' }),
  ] as const
  const waiting = async () => (await house.pending()).map(({ recordId }) => recordId).sort()

  await house.redefine([hot([IN_THREE_DAYS], { active: false })])
  assert.deepEqual(await waiting(), ids)
  await update(house, ids[0], { Site: 'x' })
  assert.deepEqual(await waiting(), ids.slice(1))

  await house.redefine([])
  await update(house, ids[1], { Site: 'x' })
  assert.deepEqual(await waiting(), ids.slice(2))
  assert.equal((await house.removedBecause()).length, 2)
})

test('a rule whose own field update makes the record stop matching queues nothing', async (t) => {
  const cool = fieldUpdate({ fullName: 'Cool', field: 'Rating', formula: '"Cold"' })
  const actions = [{ name: 'Cool', type: 'FieldUpdate' }]
  const house = await open(t, [hot([IN_THREE_DAYS], { actions })], [cool])

  await house.create('Account', { Name: 'A', Rating: 'Hot' })

  assert.deepEqual(await house.pending(), [])
})

test('a parent that a field update writes is queued, moved and removed as any other', async (t) => {
  const heat = fieldUpdate({
    fullName: 'Heat',
    field: 'Rating',
    targetObject: 'ParentId',
    formula: 'Site',
  })
  const childRule = workflowRule({
    fullName: 'Child',
    formula: 'NOT(ISBLANK(ParentId))',
    actions: [{ name: 'Heat', type: 'FieldUpdate' }],
  })
  const house = await open(t, [childRule, hot([IN_THREE_DAYS])], [heat])
  const parent = await house.create('Account', { Name: 'Parent' })

  const child = await house.create('Account', { Name: 'Child', ParentId: parent, Site: 'Hot' })
  const dueAt = MORNING + 3 * DAY_MS
  assert.deepEqual(await house.pending(), [{ trigger: 0, recordId: parent, dueAt }])

  await update(house, child, { Site: 'Cold' })
  assert.deepEqual(await house.pending(), [])
})

test('within one save an entry that is queued and no longer met is never written', async (t) => {
  const heat = fieldUpdate({
    fullName: 'Heat',
    field: 'Rating',
    targetObject: 'ParentId',
    formula: 'Site',
  })
  const childRule = workflowRule({
    fullName: 'Child',
    formula: 'NOT(ISBLANK(ParentId))',
    actions: [{ name: 'Heat', type: 'FieldUpdate' }],
  })
  const house = await open(t, [childRule, hot([IN_THREE_DAYS])], [heat])
  const ParentId = await house.create('Account', { Name: 'Parent' })

  const children = ['Hot', 'Cold'].map((Site) => ({
    kind: 'create' as const,
    objectName: 'Account',
    fields: rawFields({ Name: Site, ParentId, Site }),
  }))
  await house.save(children)

  assert.deepEqual(await house.stores.timeQueue.list({ limit: 9 }), [])
})

test('an upsert by external id finds what waits for its record', async (t) => {
  const house = await open(t, [hot([IN_THREE_DAYS])])
  await house.create('Account', { Name: 'A', Rating: 'Hot', Code__c: 'X-1' })
  assert.equal((await house.pending()).length, 1)

  const fields = rawFields({ Rating: 'Cold' })
  const [result] = await house.save([
    { kind: 'upsert', objectName: 'Account', keyField: 'Code__c', keyValue: 'X-1', fields },
  ])

  assert.equal(result?.kind, 'saved')
  assert.deepEqual(await house.pending(), [])
})
