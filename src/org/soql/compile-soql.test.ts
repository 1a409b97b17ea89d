import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bounded } from '../../../test/support/bounded.ts'
import { INVOICE } from '../../../test/support/org-definitions.ts'
import { DEFAULT_ORG_SETTINGS } from '../../schema/org-settings.ts'
import { makeRecordId } from '../../schema/record-id.ts'
import { STANDARD_OBJECTS } from '../../schema/standard-objects.ts'
import { compileDefinitions } from '../org-definitions.ts'
import { permissionsOf } from '../people/permissions.ts'
import type { SelectCondition } from '../select.ts'
import { compileSoql } from './compile-soql.ts'

const settings = { ...DEFAULT_ORG_SETTINGS, name: 'T', timeZone: 'America/New_York' }
const definitions = compileDefinitions(1, [
  ...[...STANDARD_OBJECTS, { ...INVOICE, keyPrefix: 'a00' }].map((body) => ({
    kind: 'object' as const,
    key: body.name,
    id: makeRecordId('01I', 0),
    source: 'built-in',
    body,
  })),
  { kind: 'settings', key: 'org', id: makeRecordId('000', 0), source: 'project', body: settings },
])
/** 23:30 on Sunday, 1 March in New York: UTC is a day ahead. */
const now = Date.UTC(2026, 2, 2, 4, 30)
const profile = { name: 'Reader', unreadable: ['Account.Fax'], readOnly: [], userPermissions: [] }
const permissions = permissionsOf('Reader', profile)

function compile(soql: string) {
  return compileSoql(soql, { definitions, permissions, now, includeDeleted: false })
}

function where(condition: string): SelectCondition | null {
  return compile(`SELECT Id FROM Account WHERE ${condition}`).select.condition
}

/** A condition as text, for tests to read. */
function shown(condition: SelectCondition | null): string {
  if (condition === null) return 'all'
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.conditions.map(shown).join(` ${condition.kind} `)})`
    case 'not':
      return `not ${shown(condition.condition)}`
    case 'compare':
      return `${pathText(condition.path)} ${condition.comparison} ${condition.value}`
    case 'in':
      return `${pathText(condition.path)} ${condition.isNegated ? 'not ' : ''}in [${condition.values.join()}]`
    case 'inSelect':
      return `${pathText(condition.path)} in ${condition.select.objectName}{${shown(condition.select.condition)}}`
  }
}

function pathText({
  hops,
  field,
}: {
  hops: readonly { field: string; objectName: string }[]
  field: string
}) {
  return [...hops.map((hop) => `${hop.field}>${hop.objectName}`), field].join('.')
}

test('names are found in any case and answered as they are defined', () => {
  const { select, object } = compile(
    'select id, NAME, owner.profile.name from aCCount a where a.nAme = null',
  )

  assert.equal(object.name, 'Account')
  assert.deepEqual(select.fields.map(pathText), [
    'Id',
    'Name',
    'OwnerId>User.Id',
    'OwnerId>User.ProfileId>Profile.Id',
    'OwnerId>User.ProfileId>Profile.Name',
  ])
  assert.equal(shown(select.condition), 'Name = null')
})

test('parentheses and NOT decide what belongs together', () => {
  const cases = [
    ["Name = 'a' AND (Site = 'b' OR NOT Site = 'c')", '(Name = a and (Site = b or not Site = c))'],
    ["(Name = 'a' AND Site = 'b') OR Site = 'c'", '((Name = a and Site = b) or Site = c)'],
    [
      "NOT (Name = 'a' OR (NOT NOT Site = 'b')) AND Site = 'c'",
      '(not (Name = a or Site = b) and Site = c)',
    ],
    ["Name IN ('a','b') AND Name NOT IN ('c', null)", '(Name in [a,b] and Name not in [c,])'],
  ]
  for (const [written = '', wanted] of cases) assert.equal(shown(where(written)), wanted)
})

test('AND and OR side by side without parentheses are refused with the place', () => {
  assert.throws(() => where("Name = 'OR' AND Site = 'b' OR Site = 'c'"), {
    errorCode: 'MALFORMED_QUERY',
    row: 1,
    column: 57,
  })
})

test('strings lose their quotes and escapes; a pattern keeps those of its wildcards', () => {
  assert.equal(shown(where(String.raw`Name = 'O\'Brien \\ \n\u0041'`)), "Name = O'Brien \\ \nA")
  assert.equal(
    shown(where(String.raw`Name LIKE 'a\_b%\'\\'`)),
    `${String.raw`Name like a\_b%'`}\\\\`,
  )
})

test('dates relative to today are ranges of days in the org’s own zone', () => {
  // Midnight in New York is five in the morning UTC, until its summer time begins on 8 March.
  assert.equal(
    shown(where('CreatedDate = TODAY')),
    '(CreatedDate >= 2026-03-01T05:00:00.000Z and CreatedDate < 2026-03-02T05:00:00.000Z)',
  )
  assert.equal(
    shown(where('CreatedDate > LAST_N_DAYS:2')),
    'CreatedDate >= 2026-03-02T05:00:00.000Z',
  )
  assert.equal(shown(where('CreatedDate < NEXT_MONTH')), 'CreatedDate < 2026-04-01T04:00:00.000Z')
  assert.equal(
    shown(where('LastActivityDate != THIS_WEEK')),
    '(LastActivityDate < 2026-03-01 or LastActivityDate >= 2026-03-08 or LastActivityDate = null)',
  )
  assert.equal(
    shown(where('CreatedDate >= 2026-01-01T00:00:00+02:00')),
    'CreatedDate >= 2025-12-31T22:00:00.000Z',
  )
})

test('an owner may be a user or a queue: what is asked must hold for either, what is denied for both', () => {
  const condition = (text: string) =>
    shown(compile(`SELECT Id FROM Case WHERE ${text}`).select.condition)
  assert.equal(condition("Owner.Name = 'x'"), '(OwnerId>User.Name = x or OwnerId>Group.Name = x)')
  assert.equal(
    condition("Owner.Name != 'x'"),
    '(OwnerId>User.Name != x and OwnerId>Group.Name != x)',
  )
  assert.equal(
    condition('Owner.Name = null'),
    '(OwnerId>User.Name = null and OwnerId>Group.Name = null)',
  )
  assert.equal(condition("Owner.Username = 'x'"), 'OwnerId>User.Username = x')
})

test('semi-joins go two deep, and give one id field', () => {
  const inner =
    "Id IN (SELECT AccountId FROM Contact WHERE OwnerId IN (SELECT Id FROM User WHERE Username = 'x'))"
  assert.equal(shown(where(inner)), 'Id in Contact{OwnerId in User{Username = x}}')
  assert.throws(() => where('Id IN (SELECT Name FROM Contact)'), { errorCode: 'MALFORMED_QUERY' })
  assert.throws(() => where('Id IN (SELECT Id, AccountId FROM Contact)'), {
    errorCode: 'MALFORMED_QUERY',
  })
})

test('a literal must be of the field’s type', () => {
  for (const wrong of [
    "AnnualRevenue = '1'",
    'Name = 1',
    "CreatedDate = '2026'",
    'CreatedDate = 2026-01-01',
    'LastActivityDate = 2026-01-01T00:00:00Z',
    "IsDeleted = 'true'",
    'Name = TODAY',
  ]) {
    assert.throws(() => where(wrong), { errorCode: 'INVALID_FIELD' }, wrong)
  }
  assert.throws(() => where("OwnerId = 'nobody'"), { errorCode: 'INVALID_QUERY_FILTER_OPERATOR' })
  assert.throws(() => where("AnnualRevenue LIKE '1%'"), {
    errorCode: 'INVALID_QUERY_FILTER_OPERATOR',
  })
  assert.equal(shown(where("OwnerId = '005000000000001'")), 'OwnerId = 005000000000001AAA')
  assert.equal(shown(where('AnnualRevenue > -1.50')), 'AnnualRevenue > -1.5')
  assert.equal(shown(where('AnnualRevenue > USD5000')), 'AnnualRevenue > 5000')
})

test('formula fields can be selected, not filtered or sorted, and the error says so', () => {
  assert.equal(compile('SELECT Tax__c FROM Invoice__c').shape?.fields.length, 1)
  for (const text of ['WHERE Tax__c > 1', 'ORDER BY Tax__c']) {
    assert.throws(() => compile(`SELECT Id FROM Invoice__c ${text}`), {
      errorCode: 'INVALID_FIELD',
      message: /formula/,
    })
  }
})

test('a field that the profile may not read is unknown, wherever it stands', () => {
  for (const soql of [
    'SELECT Fax FROM Account',
    "SELECT Id FROM Account WHERE Fax = '1'",
    'SELECT Account.Fax FROM Contact',
    'SELECT Id FROM Account ORDER BY Fax',
  ]) {
    assert.throws(() => compile(soql), { errorCode: 'INVALID_FIELD' }, soql)
  }
  const { shape } = compile('SELECT FIELDS(ALL) FROM Account LIMIT 1')
  assert.ok(!shape?.fields.some((each) => each.kind === 'field' && each.field.name === 'Fax'))
})

test('what this org does not do is refused, never answered wrongly', () => {
  const refused = [
    'SELECT Name, COUNT(Id) FROM Account GROUP BY Name',
    'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
    'SELECT toLabel(Type) FROM Account',
    'SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) = 2026',
    'SELECT Name n FROM Account',
    'SELECT Id FROM Account ALL ROWS',
    'SELECT Id FROM Account OFFSET 2001',
    'SELECT FROM Account',
    'DELETE FROM Account',
    '',
  ]
  for (const soql of refused)
    assert.throws(() => compile(soql), { errorCode: 'MALFORMED_QUERY' }, soql)
})

test('hostile queries end quickly with an error', () => {
  const hostile = [
    `SELECT Id FROM Account WHERE ${'('.repeat(40_000)}`,
    `SELECT Id FROM Account WHERE ${'NOT '.repeat(20_000)}Name = 1`,
    `SELECT ${'a.'.repeat(40_000)}b FROM Account`,
    `SELECT Id FROM Account WHERE Name = '${'\\'.repeat(90_000)}`,
    'x'.repeat(100_001),
    `SELECT Id FROM Account WHERE ${"Name = 'a' OR ".repeat(6000)} Nonsense = 1`,
  ]
  for (const soql of hostile) {
    const expected = { errorCode: /^(MALFORMED_QUERY|INVALID_FIELD)$/ }
    bounded(soql.slice(0, 60), () => assert.throws(() => compile(soql), expected))
  }
})
