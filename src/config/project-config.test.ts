import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { temporaryProject } from '../../test/support/temporary-project.ts'
import { DAY_MS } from '../base/clock.ts'
import { DEFAULT_SCHEDULE } from '../outbox/delivery-schedule.ts'
import { DEFAULT_PACE } from '../outbox/lane-pace.ts'
import { ConfigError } from './config.ts'
import { paceOf, scheduleOf } from './delivery-config.ts'
import { readProjectConfig } from './project-config.ts'

async function configOf(t: TestContext, content: object) {
  const files = { 'obm.config.json': JSON.stringify(content) }
  return readProjectConfig(await temporaryProject(t, files))
}

test('the doubtful cases of criteria and the fiscal year are settings, with defaults', async (t) => {
  const { org: byDefault } = await configOf(t, {})
  assert.deepEqual(byDefault.rules, { strictBlankNotEqual: false, blankIsExcluded: true })
  assert.equal(byDefault.fiscalYearStartMonth, 1)

  const { org } = await configOf(t, {
    org: { fiscalYearStartMonth: 4, locale: 'pt_BR', rules: { strictBlankNotEqual: true } },
  })
  assert.deepEqual(org.rules, { strictBlankNotEqual: true, blankIsExcluded: true })
  assert.equal(org.fiscalYearStartMonth, 4)
  assert.equal(org.locale, 'pt_BR')
})

test('a setting that cannot be is refused with its place', async (t) => {
  for (const [org, place] of [
    [{ fiscalYearStartMonth: 13 }, /org\.fiscalYearStartMonth: expected a month from 1 to 12/],
    [{ fiscalYearStartMonth: 1.5 }, /org\.fiscalYearStartMonth/],
    [{ rules: { strictBlankNotEqual: 'yes' } }, /org\.rules\.strictBlankNotEqual: expected true/],
    [{ rules: { strict: true } }, /org\.rules\.strict: there is no such setting/],
    [{ locale: 'Deutsch' }, /org\.locale/],
  ] as const) {
    await assert.rejects(configOf(t, { org }), (error: Error) => {
      return error instanceof ConfigError && place.test(error.message)
    })
  }
})

test('the clocks of sending are settings of the org, and of an outbound message that says otherwise', async (t) => {
  const { delivery: byDefault } = await configOf(t, {})
  assert.deepEqual(scheduleOf(byDefault, 'Account.Any'), DEFAULT_SCHEDULE)

  const { delivery } = await configOf(t, {
    delivery: {
      retry: { firstSeconds: 10, factor: 3, maxSeconds: 600, lifetimeHours: 48 },
      breaker: { failures: 3, probeMinSeconds: 5 },
      messages: {
        'Account.Notify_ERP': { retry: { lifetimeHours: 168 } },
      },
    },
  })
  const org = scheduleOf(delivery, 'Account.Other')
  assert.deepEqual(org, {
    retryFirstMs: 10_000,
    retryFactor: 3,
    retryMaxMs: 600_000,
    lifetimeMs: 2 * DAY_MS,
    breakerFailuresMax: 3,
    probeMinMs: 5_000,
    probeMaxMs: 60_000,
  })
  const own = scheduleOf(delivery, 'account.notify_erp')
  assert.deepEqual(own, { ...org, lifetimeMs: 7 * DAY_MS })
})

test('a clock of sending that cannot be is refused with its place', async (t) => {
  for (const [delivery, place] of [
    [{ retry: { firstSeconds: 0.5 } }, /delivery\.retry\.firstSeconds: expected .* from 1 /],
    [{ retry: { firstSeconds: 60, maxSeconds: 30 } }, /retry\.maxSeconds: expected 60 /],
    [{ retry: { factor: 0.5 } }, /delivery\.retry\.factor: expected a number from 1 to 10/],
    [{ retry: { lifetimeHours: 169 } }, /retry\.lifetimeHours: expected 168 at the most/],
    [{ retry: { lifetimeHours: 'day' } }, /retry\.lifetimeHours: expected a number above 0/],
    [{ retry: { base: 3 } }, /delivery\.retry\.base: there is no such setting/],
    [{ breaker: { failures: 2.5 } }, /delivery\.breaker\.failures: expected a whole number/],
    [{ breaker: { probeMinSeconds: 9, probeMaxSeconds: 8 } }, /breaker\.probeMaxSeconds/],
    [{ messages: { Notify_ERP: {} } }, /delivery\.messages: expected names as Account\./],
    [{ messages: { 'Account.A': 5 } }, /delivery\.messages\.Account\.A: expected an object/],
    [{ messages: { 'Account.A': { retry: { x: 1 } } } }, /Account\.A\.retry\.x: there is no/],
  ] as const) {
    await assert.rejects(configOf(t, { delivery }), (error: Error) => {
      assert.match(error.message, place)
      return error instanceof ConfigError
    })
  }
})

test('a delivery has four time-outs, each of them a setting', async (t) => {
  const { delivery: byDefault } = await configOf(t, {})
  assert.deepEqual(byDefault.timeouts, {
    totalMs: 20_000,
    connectMs: 10_000,
    headersMs: 20_000,
    bodyMs: 20_000,
  })
  const { delivery: short } = await configOf(t, { delivery: { timeoutSeconds: 2.5 } })
  assert.deepEqual(short.timeouts, {
    totalMs: 2500,
    connectMs: 2500,
    headersMs: 2500,
    bodyMs: 2500,
  })

  const delivery = {
    timeoutSeconds: 60,
    connectTimeoutSeconds: 3,
    headersTimeoutSeconds: 40,
    bodyTimeoutSeconds: 5,
  }
  const { delivery: each } = await configOf(t, { delivery })
  assert.deepEqual(each.timeouts, {
    totalMs: 60_000,
    connectMs: 3000,
    headersMs: 40_000,
    bodyMs: 5000,
  })

  await assert.rejects(
    configOf(t, { delivery: { bodyTimeoutSeconds: 601 } }),
    /delivery\.bodyTimeoutSeconds: expected 600 at the most, found 601/,
  )
})

test('how long the attempt log and the traces are kept is a setting in days', async (t) => {
  const { retention: byDefault } = await configOf(t, {})
  assert.deepEqual(byDefault, { attemptsMs: 7 * DAY_MS, tracesMs: 7 * DAY_MS })

  const { retention } = await configOf(t, { retention: { attemptsDays: 0.5 } })
  assert.deepEqual(retention, { attemptsMs: DAY_MS / 2, tracesMs: 7 * DAY_MS })

  for (const attemptsDays of [0, 366, '7']) {
    await assert.rejects(configOf(t, { retention: { attemptsDays } }), /retention\.attemptsDays/)
  }
})

test('endpoints have a pace by their URL or their origin, the URL goes before', async (t) => {
  const endpoints = {
    'https://erp.example': { slots: 4 },
    'https://erp.example/slow': { messagesPerSecond: 0.5 },
  }
  const { delivery } = await configOf(t, { delivery: { endpoints } })

  assert.deepEqual(paceOf(delivery, 'https://ERP.example:443/in?x=1'), {
    slots: 4,
    messagesPerSecond: null,
  })
  assert.deepEqual(paceOf(delivery, 'https://erp.example/slow'), {
    slots: 16,
    messagesPerSecond: 0.5,
  })
  assert.deepEqual(paceOf(delivery, 'http://erp.example/in'), DEFAULT_PACE)
  assert.deepEqual(paceOf(delivery, 'not a URL'), DEFAULT_PACE)

  for (const [wrong, place] of [
    [{ 'erp.example': {} }, /delivery\.endpoints\.erp\.example: expected a URL or origin/],
    [{ 'http://a': { slots: 65 } }, /http:\/\/a\.slots: expected a whole number from 1 to 64/],
    [{ 'http://a': { messagesPerSecond: 0.001 } }, /messagesPerSecond: expected a number from/],
  ] as const) {
    await assert.rejects(configOf(t, { delivery: { endpoints: wrong } }), place)
  }
})

test('a job config’s field lists are read from the files that are named', async (t) => {
  const workflow = `<Workflow xmlns="http://soap.sforce.com/2006/04/metadata"><outboundMessages>
    <fullName>To_ERP</fullName><fields>Name</fields><fields>Id</fields></outboundMessages></Workflow>`
  const folder = (fieldList: object) =>
    temporaryProject(t, {
      'obm.config.json': JSON.stringify({
        jobConfigs: [{ id: 'a', command: ['true'], fieldLists: [fieldList] }],
      }),
      'wsdl/Account.workflow-meta.xml': workflow,
    })
  const file = 'wsdl/Account.workflow-meta.xml'
  const config = readProjectConfig(await folder({ file, actionId: '04k5e000000Xy2z' }))
  assert.deepEqual(config.jobConfigs[0]?.fieldLists, [
    {
      objectName: 'Account',
      actionId: '04k5e000000Xy2zAAC',
      fields: [{ name: 'Name', type: null }],
    },
  ])
  for (const [fieldList, place] of [
    [{ file: 'none.wsdl' }, /jobConfigs\[0\]\.fieldLists\[0\]\.file: .*ENOENT/],
    [{ file: '.' }, /EISDIR/],
    [{ file: 'obm.config.json' }, /fieldLists\[0\]\.file: expected an outbound message’s WSDL/],
    [{ file, message: 'Other' }, /no outbound message "Other": it has To_ERP/],
    [{ file, actionId: '04k' }, /fieldLists\[0\]\.actionId: expected an id/],
  ] as const) {
    const at = await folder(fieldList)
    assert.throws(
      () => readProjectConfig(at),
      (error: Error) => {
        assert.ok(error instanceof ConfigError, String(error))
        assert.match(error.message, place)
        return true
      },
    )
  }
})
