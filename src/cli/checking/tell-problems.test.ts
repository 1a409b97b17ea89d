import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestLog } from '../../../test/support/receiving.ts'
import { metadataXml, temporaryProject } from '../../../test/support/temporary-project.ts'
import { readProject } from '../../metadata/read-project.ts'
import { DEFAULT_ORG_SETTINGS } from '../../schema/org-settings.ts'
import { tellProblems } from './tell-problems.ts'

function ruleXml(name: string, formula: string): string {
  return `<rules><fullName>${name}</fullName><active>true</active><formula>${formula}</formula><triggerType>onAllChanges</triggerType></rules>`
}

async function told(t: Parameters<typeof temporaryProject>[0], ...rules: readonly string[]) {
  const folder = await temporaryProject(t, {
    'workflows/Account.workflow': metadataXml('Workflow', rules.join('\n')),
  })
  const log = openTestLog()
  tellProblems(log, await readProject(folder), DEFAULT_ORG_SETTINGS)
  return log.lines
}

test('a project that is loaded is told of: what is broken, what is doubtful, what works', async (t) => {
  const [first, second, last] = await told(
    t,
    ruleXml('Doubtful', 'Nonsense__c = 1'),
    ruleXml('Broken', '1 +'),
  )

  assert.deepEqual(
    [first?.level, first?.fields['code'], first?.fields['line']],
    ['error', 'FORMULA_SYNTAX', 4],
  )
  assert.deepEqual([second?.level, second?.fields['code']], ['warn', 'FORMULA_UNKNOWN_FIELD'])
  assert.partialDeepStrictEqual(last, {
    event: 'project.loaded',
    fields: { rules: 2, rulesCompiled: 1, errors: 1, warnings: 1 },
  })
})

test('of very many problems the first are told, the rest is counted', async (t) => {
  const rules = Array.from({ length: 300 }, (_, n) => ruleXml(`R${n}`, '1 +'))
  const lines = await told(t, ...rules)

  assert.equal(lines.length, 201)
  assert.equal(lines.at(-1)?.fields['untold'], 100)
})
