import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { temporaryProject } from '../test/support/temporary-project.ts'
import { ConfigError } from './config.ts'
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
