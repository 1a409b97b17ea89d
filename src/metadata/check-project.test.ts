import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metadataXml, temporaryProject } from '../../test/support/temporary-project.ts'
import { STANDARD_OBJECTS } from '../schema/standard-objects.ts'
import { checkProject } from './check-project.ts'
import type { ProjectProblem } from './project.ts'
import { readProject } from './read-project.ts'

test('a check counts what is there and lists each problem once, in order', async (t) => {
  const folder = await temporaryProject(t, {
    'workflows/Account.workflow': metadataXml(
      'Workflow',
      '<rules><fullName>R</fullName><active>true</active><formula>ISNEW()</formula><triggerType>onAllChanges</triggerType><actions><name>Gone</name><type>Alert</type></actions></rules>',
    ),
    'flows/F.flow': metadataXml('Flow', '<processType>Flow</processType>'),
  })
  const project = await readProject(folder)
  const [screens, missing] = project.problems
  assert.equal(screens?.code, 'FLOW_KIND_UNSUPPORTED')
  assert.equal(missing?.code, 'ACTION_MISSING')
  const first: ProjectProblem = { file: 'a', line: 7, code: 'X', severity: 'error', message: 'x' }
  const check = checkProject(project, () => ({
    rulesCompiled: 1,
    validationRulesCompiled: 0,
    flowsExecuted: 0,
    formulas: 1,
    formulasCompiled: 1,
    problems: [...project.problems, first],
  }))
  const { problems, fields, ...counts } = check
  assert.deepEqual(counts, {
    files: 2,
    objects: STANDARD_OBJECTS.length,
    rules: 1,
    rulesCompiled: 1,
    validationRules: 0,
    validationRulesCompiled: 0,
    formulas: 1,
    formulasCompiled: 1,
    outboundMessages: 0,
    flows: 1,
    flowsExecuted: 0,
  })
  assert.ok(fields > 300)
  assert.deepEqual(problems, [first, screens, missing])
})
