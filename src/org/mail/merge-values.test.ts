import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openTestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, extended, INVOICE } from '../../../test/support/org-definitions.ts'
import { formatMergeValue } from '../../mail/template/merge-value.ts'
import { READ_ONLY, text } from '../../schema/define-field.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { openOrgForMail } from './org-for-mail.ts'

const FORMAT = { locale: 'en_US', timeZone: 'UTC', currency: 'USD' }

async function setup(t: TestContext) {
  const secret = text('Pin__c', 20, { secret: true })
  const hint = text('Hint__c', 255, { formula: '"PIN " & Pin__c', ...READ_ONLY })
  const definitions = asDefinitions({ objects: [INVOICE, extended('Contact', [secret, hint])] })
  const at = await openTestOrg(t, { definitions })
  const mail = openOrgForMail(at.org, async () => 'https://org.example.com')
  const accountId = await at.create('Account', {
    Name: 'Acme',
    AnnualRevenue: 1234567,
    NumberOfEmployees: 42,
    Type: 'Prospect',
  })
  const contactId = await at.create('Contact', {
    LastName: 'Dee',
    FirstName: 'Dora',
    AccountId: accountId,
    Email: 'dora@example.com',
    Pin__c: '1234',
  })
  const caseId = await at.create('Case', { Subject: 'Broken', ContactId: contactId })
  const invoiceId = await at.create('Invoice__c', {
    Amount__c: 1000.5,
    Rate__c: 12.5,
    Paid__c: true,
    Due__c: '2026-03-31',
    Tags__c: 'A;C',
    Account__c: accountId,
  })
  const merge = async (
    recordId: RecordId,
    expressions: readonly string[],
    receiverId?: RecordId,
  ): Promise<readonly string[]> => {
    const record = (await mail.recordOf(recordId)) ?? assert.fail()
    const receiver = receiverId ? await mail.recordOf(receiverId) : null
    const values = await mail.mergeValues({ record, userId: at.adminId, receiver, expressions })
    return expressions.map((each) => {
      const value = values.get(each) ?? assert.fail(each)
      return value.kind === 'unknown' ? `? ${value.reason}` : formatMergeValue(value, FORMAT)
    })
  }
  return { ...at, mail, merge, accountId, contactId, caseId, invoiceId }
}

test("a template's own object, its parents by object and by relationship, to any depth", async (t) => {
  const { merge, caseId, accountId } = await setup(t)
  assert.deepEqual(
    await merge(caseId, [
      'Case.Subject',
      'CASE.contact.name',
      'Contact.Account.Owner.Name',
      'Contact.Email',
      'Case.Owner.Email',
    ]),
    ['Broken', 'Dora Dee', 'Admin User', 'dora@example.com', 'admin@example.com'],
  )
  assert.deepEqual(
    await merge(accountId, ['Account.Name', 'Account.Owner.Name', 'relatedTo.Name']),
    ['Acme', 'Admin User', 'Acme'],
  )
})

test('the names that only templates have: owners, parents by name, ids, links, threads', async (t) => {
  const { merge, caseId, accountId, invoiceId, org } = await setup(t)
  const [caseNumber] = await merge(caseId, ['Case.CaseNumber'])
  assert.match(caseNumber ?? '', /^\d+$/)
  const short = (id: string) => id.slice(0, 15)
  assert.deepEqual(
    await merge(caseId, [
      'Case.OwnerFullName',
      'Case.OwnerEmail',
      'Case.Contact',
      'Case.CreatedBy',
      'Case.ContactId',
      'Case.Link',
      'Case.Thread_Id',
    ]),
    [
      'Admin User',
      'admin@example.com',
      'Dora Dee',
      'Admin User',
      (await merge(caseId, ['Case.ContactId']))[0],
      `https://org.example.com/${short(caseId)}`,
      `ref:!${short(org.organizationId)}.!${short(caseId)}:ref`,
    ],
  )
  const [id] = await merge(invoiceId, ['Invoice__c.AccountId__c'])
  assert.equal(short(id ?? ''), short(accountId))
  assert.deepEqual(await merge(invoiceId, ['Invoice__c.Account__c', 'Account.Name']), [
    'Acme',
    'Acme',
  ])
})

test('values as their fields have them: money, percent, dates, picklists, checkboxes, formulas', async (t) => {
  const { merge, accountId, invoiceId } = await setup(t)
  assert.deepEqual(
    await merge(invoiceId, [
      'Invoice__c.Amount__c',
      'Invoice__c.Rate__c',
      'Invoice__c.Paid__c',
      'Invoice__c.Due__c',
      'Invoice__c.Tags__c',
      'Invoice__c.Tax__c',
      'Invoice__c.Owed_by__c',
      'Invoice__c.CreatedDate',
    ]),
    ['$1,000.50', '12.50%', 'true', '3/31/2026', 'A; C', '$200.10', 'Acme', '3/2/2026'],
  )
  assert.deepEqual(await merge(accountId, ['Account.AnnualRevenue', 'Account.NumberOfEmployees']), [
    '$1,234,567',
    '42',
  ])
})

test('formulas in a merge field, and the substitute for a blank', async (t) => {
  const { merge, caseId, accountId } = await setup(t)
  assert.deepEqual(
    await merge(accountId, [
      'IF(Account.AnnualRevenue > 1000, "big {customer}", "small")',
      'YEAR(TODAY())',
      'TODAY()',
      'Today',
      'Account.Phone, none yet',
      'Account.Name, none yet',
      'BLANKVALUE(Account.Phone, "none yet")',
      'Account.Name & " of " & User.LastName',
      'Account.Phone',
      '1/0',
    ]),
    [
      'big {customer}',
      '2026',
      '3/2/2026',
      '3/2/2026',
      'none yet',
      'Acme',
      'none yet',
      'Acme of User',
      '',
      '? division by zero',
    ],
  )
  assert.deepEqual(await merge(caseId, ['NOW()']), ['3/2/2026, 10:00 AM'])
})

test('who sends, who receives, and the organisation', async (t) => {
  const { merge, caseId, contactId, adminId } = await setup(t)
  assert.deepEqual(
    await merge(
      caseId,
      [
        'User.Name',
        '$User.Username',
        'Sending_User.Email',
        'Organization.Name',
        '$Organization.Name',
      ],
      adminId,
    ),
    ['Admin User', 'admin@example.com', 'admin@example.com', 'OBM', 'OBM'],
  )
  const receiver = ['Receiving_User.FirstName', 'recipient.Email']
  assert.deepEqual(await merge(caseId, receiver, adminId), ['Admin', 'admin@example.com'])
  assert.deepEqual(await merge(caseId, ['recipient.Account.Name'], contactId), ['Acme'])
  assert.deepEqual(await merge(caseId, receiver), ['', ''], 'of a mere address nothing is known')
})

test('what nothing is known of is said; secret fields stay secret, in formulas too', async (t) => {
  const { merge, contactId } = await setup(t)
  assert.deepEqual(
    await merge(contactId, ['Contact.Nothing__c', 'Some.Thing', 'IF(', 'Contact.Pin__c']),
    [
      '? there is no Contact.Nothing__c here',
      '? there is no Some.Thing here',
      '? expected a value, found the end',
      '********',
    ],
  )
  assert.deepEqual(await merge(contactId, ['"PIN " & Contact.Pin__c', 'Contact.Hint__c']), [
    '********',
    '********',
  ])
})

test('a deleted record is still there for its e-mail', async (t) => {
  const { merge, save, caseId } = await setup(t)
  const [deleted] = await save([{ kind: 'delete', recordId: caseId, objectName: null }])
  assert.equal(deleted?.kind, 'saved')
  assert.deepEqual(await merge(caseId, ['Case.Subject']), ['Broken'])
})

test('records are found by any field, whatever the case of the value', async (t) => {
  const { mail, accountId } = await setup(t)
  const found = await mail.find('Contact', 'AccountId', [accountId])
  assert.deepEqual(
    found.map(({ fields }) => fields.Name),
    ['Dora Dee'],
  )
  assert.equal((await mail.find('User', 'Username', ['ADMIN@example.com'])).length, 1)
  assert.equal((await mail.find('User', 'Id', [found[0]?.fields.OwnerId as string])).length, 1)
  assert.deepEqual(await mail.find('Nothing__c', 'Name', ['x']), [])
  assert.deepEqual(await mail.find('User', 'Nothing__c', ['x']), [])
})
