import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, workflowRule } from '../../../test/support/org-definitions.ts'
import { silentLog } from '../../base/log.ts'
import { rawFields } from '../save/record-edit.ts'
import { TRACE_LENGTH_MAX } from './shorten-trace.ts'
import { openTracer } from './tracer.ts'

const LONG = `CONTAINS(Description, "${'x'.repeat(200)}") || `

async function setup(t: Parameters<typeof openTestOrg>[0], rules = [workflowRule()]) {
  const house = await openTestOrg(t, { definitions: asDefinitions({ rules }) })
  const { clock, stores } = house
  const told: unknown[] = []
  const log = { ...silentLog, warn: (event: string, fields?: object) => told.push([event, fields]) }
  const tracer = openTracer({ store: stores.traces, clock, log })
  const create = (count: number) =>
    house.save(
      Array.from({ length: count }, (_, index) => ({
        kind: 'create' as const,
        objectName: 'Account',
        fields: rawFields({ Name: `Account ${index}` }),
      })),
    )
  return { ...house, tracer, told, create }
}

test('a turn keeps the traces of the saves in hand; without any it is idle', async (t) => {
  const { tracer, decided, create, stores } = await setup(t)
  await create(2)
  for (const save of decided) tracer.note(save)

  assert.equal(await tracer.turn(), 'worked')
  assert.equal(await tracer.turn(), 'idle')

  const traces = await stores.traces.list({ limit: 10 })
  assert.deepEqual(traces.map(({ recordName }) => recordName).toSorted(), [
    'Account 0',
    'Account 1',
  ])
  assert.equal(new Set(traces.map(({ saveId }) => saveId)).size, 1)
})

test('whoever asks for traces is told of the saves in hand too', async (t) => {
  const { tracer, decided, create } = await setup(t)
  for (let count = 0; count < 3; count += 1) await create(40)
  for (const save of decided) tracer.note(save)
  const running = tracer.turn()

  assert.equal((await tracer.kept.list({ limit: 200 })).length, 120)
  assert.equal(await running, 'worked')
})

test('what comes too fast is left out, counted, and told once a minute', async (t) => {
  const { tracer, decided, create, told, clock } = await setup(t)
  await create(200)
  const [save] = decided
  assert.ok(save)

  for (let count = 0; count < 4; count += 1) tracer.note(save)
  await tracer.turn()
  tracer.note(save)
  tracer.note(save)
  await tracer.turn()

  assert.equal(tracer.skippedCount(), 600)
  const reason = 'saves came faster than traces'
  assert.deepEqual(told, [['trace.skipped', { count: 400, reason }]])
  clock.at += 61_000
  await tracer.turn()
  assert.deepEqual(told[1], ['trace.skipped', { count: 200, reason }])
})

test('a trace that would be too long leaves details out, and says so', async (t) => {
  const rules = Array.from({ length: 40 }, (_, index) =>
    workflowRule({ fullName: `Rule ${index}`, formula: `${LONG.repeat(14)}FALSE` }),
  )
  const { tracer, decided, create, stores } = await setup(t, rules)
  await create(1)
  for (const save of decided) tracer.note(save)

  await tracer.turn()

  const [trace] = await stores.traces.list({ limit: 1 })
  const [step] = trace?.steps ?? []
  assert.ok(step?.kind === 'workflowRules')
  assert.equal(trace?.isShortened, true)
  assert.ok(JSON.stringify(trace).length <= TRACE_LENGTH_MAX)
  assert.equal(step.rules.length, 40)
  assert.match(step.rules[0]?.reason ?? '', /^did not fire: its formula is false/)
})
