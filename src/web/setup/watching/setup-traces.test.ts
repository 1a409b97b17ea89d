import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestWeb } from '../../../../test/support/open-test-web.ts'
import {
  asDefinitions,
  validationRule,
  workflowRule,
} from '../../../../test/support/org-definitions.ts'
import { KEY_PREFIX, makeRecordId } from '../../../schema/record-id.ts'

type Json = Record<string, unknown>

const CITY = {
  field: 'Account.BillingCity',
  operation: 'equals',
  value: 'Rome',
}

async function setup(t: TestContext) {
  const { call, stores, org } = await openTestWeb(t)
  await stores.org.replaceDefinitions(
    'project',
    asDefinitions({
      rules: [
        workflowRule({ fullName: 'Rome%3A only', criteriaItems: [CITY], formula: null }),
        workflowRule({ fullName: 'Asleep', formula: 'Parent.Name = "Top"', active: false }),
        workflowRule({ fullName: 'Contacts', objectName: 'Contact', actions: [] }),
      ],
      validationRules: [
        validationRule({ fullName: 'No_fax', errorConditionFormula: 'NOT(ISBLANK(Fax))' }),
      ],
    }),
  )
  await org.refresh()
  const post = async (path: string, body: unknown) => {
    const { status, json } = await call('POST', path, body)
    return { status, json: json as Json }
  }
  const create = async (fields: object) =>
    String((await post('/services/data/v60.0/sobjects/Account', fields)).json['id'])
  const get = async (path: string) => {
    const { status, json } = await call('GET', path)
    return { status, json: json as Json }
  }
  return { post, get, create, stores }
}

/** The only rule of a trace's only step of rules. */
function ruleOf(trace: Json): Json {
  const steps = trace['steps'] as { kind: string; rules: Json[] }[]
  const [rule, ...more] = steps.find(({ kind }) => kind === 'workflowRules')?.rules ?? []
  assert.ok(rule)
  assert.deepEqual(more, [])
  return rule
}

test('a rule is tried on a record with other values, and nothing is written', async (t) => {
  const { post, get, create } = await setup(t)
  const id = await create({ Name: 'Acme', BillingCity: 'Oslo' })
  const rule = encodeURIComponent('Rome: only')

  const asItIs = await post(`/setup/api/rules/${rule}/try`, { recordId: id })
  const changed = await post(`/setup/api/rules/Account.${rule}/try`, {
    recordId: id,
    fields: { BillingCity: 'Rome' },
  })

  assert.equal(
    ruleOf(asItIs.json)['reason'],
    'did not fire: criterion 1 Account.BillingCity equals Rome: the value is Oslo',
  )
  assert.equal(ruleOf(changed.json)['reason'], 'fired: it meets its criteria')
  assert.equal(changed.json['outcome'], 'tried')
  assert.deepEqual(changed.json['fields'], [
    { field: 'BillingCity', before: 'Oslo', after: 'Rome' },
  ])
  const record = await get(`/services/data/v60.0/sobjects/Account/${id}`)
  assert.equal(record.json['BillingCity'], 'Oslo')
})

test('an inactive rule is tried with the parents that it reads; one of another object says so', async (t) => {
  const { post, create } = await setup(t)
  const ParentId = await create({ Name: 'Top' })
  const recordId = await create({ Name: 'Below', ParentId })

  const asleep = await post('/setup/api/rules/asleep/try', { recordId })
  const other = await post('/setup/api/rules/Contacts/try', { recordId })

  assert.equal(ruleOf(asleep.json)['reason'], 'fired: its formula is true')
  assert.equal(
    ruleOf(other.json)['reason'],
    'not evaluated: it is a rule of Contact, and the record is of Account',
  )
})

test('a whole save is tried, with all that it would be refused by', async (t) => {
  const { post, create } = await setup(t)
  const recordId = await create({ Name: 'Acme' })

  const { json } = await post('/setup/api/traces/try', { recordId, fields: { Fax: '1' } })

  assert.deepEqual(
    (json['verdicts'] as Json[]).map(({ name, verdict }) => [name, verdict]),
    [['No_fax', 'refused']],
  )
  assert.equal((json['errors'] as Json[])[0]?.['statusCode'], 'FIELD_CUSTOM_VALIDATION_EXCEPTION')
})

test('what cannot be tried says why', async (t) => {
  const { post, create } = await setup(t)
  const recordId = await create({ Name: 'Acme' })
  const refusals = await Promise.all(
    [
      ['/setup/api/rules/Nothing/try', { recordId }],
      ['/setup/api/rules/Asleep/try', {}],
      ['/setup/api/rules/Asleep/try', { recordId, fields: [] }],
      ['/setup/api/rules/Asleep/try', { recordId, fields: { Nonsense: 1 } }],
      ['/setup/api/traces/try', { recordId: makeRecordId(KEY_PREFIX.account, 999) }],
    ].map(([path, body]) => post(String(path), body)),
  )

  assert.deepEqual(
    refusals.map(({ status, json }) => [status, json['errorCode']]),
    [
      [404, 'NOT_FOUND'],
      [400, 'INVALID_INPUT'],
      [400, 'INVALID_INPUT'],
      [400, 'INVALID_FIELD'],
      [400, 'INVALID_CROSS_REFERENCE_KEY'],
    ],
  )
})

test('traces are listed by record and shown one by one, with their log', async (t) => {
  const { post, get, create, stores } = await setup(t)
  const recordId = await create({ Name: 'Acme', BillingCity: 'Oslo' })
  const { json: tried } = await post('/setup/api/traces/try', { recordId })
  const traceId = String(tried['traceId'])
  const { log: _, verdicts: __, ...body } = tried
  const kept = { ...body, savedAt: Date.parse(String(tried['savedAt'])) }
  const about = { traceId, recordId: makeRecordId(KEY_PREFIX.account, 3), savedAt: 0 }
  await stores.traces.write([{ ...about, body: JSON.stringify(kept) }], 20)

  const listed = await get(`/setup/api/traces?record=${about.recordId}`)
  const shown = await get(`/setup/api/traces/${traceId}`)

  const [head] = listed.json['traces'] as Json[]
  assert.ok(head)
  assert.equal(listed.json['skipped'], 0)
  assert.equal(head['traceId'], traceId)
  assert.ok(!('steps' in head))
  assert.deepEqual(
    (head['verdicts'] as Json[]).map(({ name }) => name),
    ['No_fax', 'Rome: only', 'Asleep'],
  )
  const log = (shown.json['log'] as string[]).map((line) => line.slice(13))
  for (const line of [
    'CODE_UNIT_STARTED|[EXTERNAL]|Workflow:Account',
    'WF_RULE_EVAL_BEGIN|Workflow',
    'WF_RULE_FILTER|[Account : BillingCity equals Rome]',
    'WF_RULE_EVAL_VALUE|Oslo|false',
    'WF_RULE_NOT_EVALUATED|not evaluated: the rule is inactive',
    'WF_RULE_EVAL_END',
  ]) {
    assert.ok(log.includes(line), `${line}\n${log.join('\n')}`)
  }
  assert.ok(
    log.some((line) =>
      /^WF_CRITERIA_BEGIN\|\[Account: Acme 001\w{15}\]\|Rome: only\|01Q\w{15}\|ON_ALL_CHANGES\|0$/.test(
        line,
      ),
    ),
  )
  assert.equal((await get('/setup/api/traces/nothing')).status, 404)
  assert.equal((await get('/setup/api/traces?limit=1000')).status, 400)
})
