import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  metadataXml,
  projectJson,
  temporaryProject,
} from '../../../test/support/temporary-project.ts'
import { checkProject, type ProjectCheck } from '../../metadata/check-project.ts'
import { readProject } from '../../metadata/read-project.ts'
import { DEFAULT_ORG_SETTINGS } from '../../schema/org-settings.ts'
import { projectCompiler } from './compile-project.ts'

async function checked(t: TestContext, files: Record<string, string>): Promise<ProjectCheck> {
  const project = await readProject(await temporaryProject(t, files))
  return checkProject(project, projectCompiler(DEFAULT_ORG_SETTINGS))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

function formulaRule(name: string, formula: string, more = ''): string {
  return `<rules><fullName>${name}</fullName>${more}<active>true</active><formula>${escaped(formula)}</formula><triggerType>onAllChanges</triggerType></rules>`
}

function criteriaRule(name: string, ...items: readonly [string, string, string][]): string {
  const criteria = items.map(([field, operation, value]) => {
    return `<criteriaItems><field>${field}</field><operation>${operation}</operation><value>${escaped(value)}</value></criteriaItems>`
  })
  return `<rules><fullName>${name}</fullName><active>true</active>${criteria.join('')}<triggerType>onCreateOnly</triggerType></rules>`
}

function formulaUpdate(name: string, field: string, formula: string): string {
  return `<fieldUpdates><fullName>${name}</fullName><field>${field}</field><formula>${escaped(formula)}</formula><name>${name}</name><operation>Formula</operation></fieldUpdates>`
}

const errorsOf = ({ problems }: ProjectCheck) =>
  problems.filter(({ severity }) => severity === 'error').map(({ code }) => code)

/** What rules of an org ask of objects and fields whose files are not in the project. */
const UNKNOWN_PARTS = [
  'Start__c + 30 > TODAY() && Rate__c * 2 > 1 && Active__c && !Other__c',
  'TODAY() - DATEVALUE(Moment__c) > 3 || YEAR(When__c) = 2020 || HOUR(Time__c) > 3',
  'Master__r.Other__r.Field__c & " " & Name = PRIORVALUE(Code__c) + "x"',
  'ISPICKVAL(PRIORVALUE(Stage__c), "A") && INCLUDES(Tags__c, "B") && ISCHANGED(Stage__c)',
  'CASE(Kind__c, "a", 1, "b", 2, 0) + ROUND(Rate__c, 2) >= MAX(Rate__c, 1)',
  'IF(ISBLANK(Due__c), TODAY(), Due__c) < BLANKVALUE(End__c, TODAY() + 5)',
  'VALUE(TEXT(Level__c)) > 1 && LEFT(Owner:User.Zone__c, 2) = "EU" && Owner:Queue.QueueName <> ""',
  '$User.Bypass__c || $Setup.Switches__c.Off__c || $Permission.No_Rules || $Label.ns.Text = ""',
  '$CustomMetadata.Kind__mdt.Row.Value__c = "x" || $Elsewhere.X || $Api.Session_ID = ""',
  'Opportunity__r.Account.Owner.Manager.Name <> NULL && NOT Master__r.Parent.IsPersonAccount',
  'CreatedBy.Profile.Name = "X" && LastModifiedBy.UserRole.Name <> $UserRole.Name',
]

test('workflow files without their objects compile whole, and say what is not known', async (t) => {
  const rules = UNKNOWN_PARTS.flatMap((formula, index) => formulaRule(`R${index}`, formula))
  const criteria = [
    criteriaRule('Own', ['Deal__c.Start__c', 'lessThan', 'TODAY']),
    criteriaRule(
      'Typed',
      ['Deal__c.Rate__c', 'greaterThan', 'EUR 5'],
      ['Deal__c.Active__c', 'equals', 'True'],
    ),
    criteriaRule('Parent', ['Nowhere__c.Status__c', 'notEqual', 'x']),
    criteriaRule('Standard parent', ['Account.Industry', 'equals', 'Banking']),
    criteriaRule(
      'Two types',
      ['Deal__c.Mixed__c', 'lessThan', 'TODAY'],
      ['Deal__c.Mixed__c', 'equals', 'abc'],
    ),
  ]
  const updates = [
    formulaUpdate('U1', 'Start__c', 'Master__r.Begin__c - 1'),
    formulaUpdate('U2', 'Rate__c', 'Rate__c * 1.1'),
    formulaUpdate('U3', 'Nowhere__c', 'Start__c + 1'),
  ]
  const found = await checked(t, {
    'workflows/Deal__c.workflow': metadataXml(
      'Workflow',
      [...updates, ...rules, ...criteria].join(''),
    ),
  })
  assert.deepEqual(errorsOf(found), [])
  assert.equal(found.rulesCompiled, rules.length + criteria.length)
  assert.equal(found.formulas, rules.length + updates.length)
  assert.equal(found.formulasCompiled, found.formulas)
  const codes = new Set(found.problems.map(({ code }) => code))
  for (const code of [
    'FORMULA_UNKNOWN_FIELD',
    'FORMULA_UNKNOWN_GLOBAL',
    'CRITERIA_UNKNOWN_OBJECT',
    'OBJECT_NOT_DEFINED',
  ]) {
    assert.ok(codes.has(code), code)
  }
})

test('a formula that cannot be compiled is counted and told with its construct, line and column', async (t) => {
  const inactive = formulaRule('Off', 'LINKTO("a")').replace('true</active>', 'false</active>')
  const found = await checked(t, {
    'workflows/Account.workflow': metadataXml(
      'Workflow',
      `${formulaUpdate('Unused', 'Site', 'Name &\n  FOO(1)')}\n${formulaRule('Good', 'TRUE')}\n${inactive}`,
    ),
  })
  assert.equal(found.formulas, 3)
  assert.equal(found.formulasCompiled, 1)
  const told = found.problems.filter(({ code }) => code === 'FORMULA_UNKNOWN_FUNCTION')
  assert.deepEqual(
    told.map(({ line, message }) => [
      line,
      /formula (line \d+, column \d+): .*"(\w+)"/.exec(message)?.slice(1),
    ]),
    [
      [3, ['line 2, column 3', 'FOO']],
      [6, ['line 1, column 1', 'LINKTO']],
    ],
  )
})

test('actions are found whatever the case of their names, and those that dangle are passed over', async (t) => {
  const named = (name: string) => `<actions><name>${name}</name><type>FieldUpdate</type></actions>`
  const found = await checked(t, {
    'workflows/Account.workflow': metadataXml(
      'Workflow',
      formulaUpdate('Set_Site', 'Site', '"x"') +
        formulaRule('Found', 'TRUE', named('set_SITE')) +
        formulaRule('50%25 off %ZZ %E2%80%93', 'TRUE', named('Gone')),
    ),
  })
  assert.equal(found.rulesCompiled, 2)
  // Told once, by whoever knows what becomes of it.
  const unknown = found.problems.filter(({ code }) => code.startsWith('ACTION_'))
  assert.equal(unknown.length, 1)
  assert.match(unknown[0]?.message ?? '', /50%25 off %ZZ|50% off %ZZ/)
  assert.deepEqual(errorsOf(found), [])
})

test('empty and broken files cost nothing but themselves, and ten megabytes are read', async (t) => {
  const long = `<description>${'All work and no play. '.repeat(480_000)}</description>`
  const found = await checked(t, {
    'sfdx-project.json': projectJson('force-app', 'nested/deep'),
    'force-app/main/default/workflows/Account.workflow-meta.xml': '',
    'force-app/main/default/workflows/Contact.workflow-meta.xml': '<Workflow><rules>',
    'force-app/main/default/workflows/Case.workflow-meta.xml': metadataXml(
      'Workflow',
      formulaRule('Long', 'ISNEW()', long),
    ),
    'nested/deep/a/b/workflows/Lead.workflow-meta.xml': metadataXml(
      'Workflow',
      formulaRule('Deep', 'TRUE'),
    ),
  })
  assert.equal(found.rules, 2)
  assert.equal(found.rulesCompiled, 2)
  assert.deepEqual(errorsOf(found), ['XML_MALFORMED', 'XML_MALFORMED'])
})

test('an e-mail message asks its parent case, though it may be related to another', async (t) => {
  const found = await checked(t, {
    'workflows/EmailMessage.workflow': metadataXml(
      'Workflow',
      criteriaRule(
        'New',
        ['Case.Status', 'equals', 'New'],
        ['EmailMessage.Status', 'equals', 'New'],
      ),
    ),
  })
  assert.deepEqual(found.problems, [])
  assert.equal(found.rulesCompiled, 1)
})

test('a rule with criteria and a formula, or with neither, is told of once', async (t) => {
  const both = criteriaRule('Both', ['Account.Name', 'equals', 'x']).replace(
    '<triggerType>',
    '<formula>TRUE</formula><triggerType>',
  )
  const check = await checked(t, {
    'workflows/Account.workflow': metadataXml('Workflow', both + criteriaRule('Neither')),
  })
  assert.deepEqual(errorsOf(check), ['RULE_WITH_TWO_CRITERIA', 'RULE_WITHOUT_CRITERIA'])
})

test('each action that a rule cannot have is told of, whatever is wrong with the others', async (t) => {
  const actions =
    '<actions><name>X</name><type>Fax</type></actions><actions><name>Y</name><type>Task</type></actions>'
  const check = await checked(t, {
    'workflows/Account.workflow': metadataXml('Workflow', formulaRule('R', 'TRUE', actions)),
  })
  assert.deepEqual(
    check.problems.map(({ code, severity }) => [code, severity]),
    [
      ['ACTION_TYPE_UNKNOWN', 'warning'],
      ['ACTION_UNKNOWN', 'warning'],
    ],
  )
})
