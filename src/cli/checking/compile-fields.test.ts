import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metadataXml, temporaryProject } from '../../../test/support/temporary-project.ts'
import { checkProject } from '../../metadata/check-project.ts'
import { readProject } from '../../metadata/read-project.ts'
import { DEFAULT_ORG_SETTINGS } from '../../schema/org-settings.ts'
import { projectCompiler } from './compile-project.ts'

const formula = (name: string, text: string, type = 'Number') =>
  `<fields><fullName>${name}</fullName><type>${type}</type><formula>${text}</formula></fields>\n`

test('a check names the circle of formula fields, what does not compile, and counts validation rules', async (t) => {
  const folder = await temporaryProject(t, {
    'objects/Thing__c.object': metadataXml(
      'CustomObject',
      `${formula('A__c', 'B__c + 1')}${formula('B__c', 'A__c')}${formula('C__c', '1 +')}${formula('D__c', '&quot;x&quot;')}${formula('Fine__c', '1')}<validationRules><fullName>V</fullName><active>true</active><errorConditionFormula>Fine__c &gt;</errorConditionFormula><errorMessage>No</errorMessage></validationRules>
<validationRules><fullName>W</fullName><active>false</active><errorConditionFormula>Fine__c &gt; 1</errorConditionFormula><errorMessage>No</errorMessage></validationRules>`,
    ),
  })

  const check = checkProject(await readProject(folder), projectCompiler(DEFAULT_ORG_SETTINGS))

  assert.deepEqual([check.validationRules, check.validationRulesCompiled], [2, 1])
  assert.deepEqual(
    check.problems.map(({ code, line }) => [code, line]),
    [
      ['FORMULA_FIELD_CYCLE', 3],
      ['FORMULA_FIELD_CYCLE', 4],
      ['FORMULA_SYNTAX', 5],
      ['FORMULA_FIELD_BROKEN', 6],
      ['FORMULA_SYNTAX', 8],
    ],
  )
  assert.match(check.problems[0]?.message ?? '', /Thing__c\.B__c → Thing__c\.A__c → Thing__c\.B__c/)
})
