import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEmails } from '../../test/support/emails.ts'
import {
  alertOf,
  mailOrg,
  record,
  templateOf,
  textValue,
  user,
} from '../../test/support/mail-org.ts'
import { composeEmail } from './compose-email.ts'
import type { EmailAlert } from './definitions/email-alert.ts'
import type { EmailTemplate } from './definitions/email-template.ts'
import type { ComposedEmail, NewEmail } from './email.ts'
import type { MergeAsk } from './mail-org.ts'

const ANNA = user(1, 'Anna')
const BEN = user(2, 'Ben')
const ACCOUNT = record('Account', 1, { OwnerId: BEN.recordId })

type Given = {
  readonly alert?: Partial<EmailAlert>
  readonly template?: Partial<EmailTemplate>
  readonly email?: Partial<NewEmail>
  readonly defaultWorkflowUser?: string
  readonly mergeValue?: (expression: string, ask: MergeAsk) => ReturnType<typeof textValue>
}

function compose(given: Given = {}) {
  const org = mailOrg({
    records: [ANNA, BEN, ACCOUNT],
    alerts: [alertOf(given.alert)],
    templates: [templateOf(given.template)],
    settings: { name: 'Acme', defaultWorkflowUser: given.defaultWorkflowUser ?? null },
    ...(given.mergeValue && { mergeValue: given.mergeValue }),
  })
  const [email] = newEmails(1, { recordId: ACCOUNT.recordId, ...given.email })
  return composeEmail(org, email ?? assert.fail())
}

async function composed(given: Given = {}): Promise<ComposedEmail> {
  const composition = await compose(given)
  if (composition.kind === 'composed') return composition.composed
  return assert.fail(composition.reason)
}

test('an e-mail is from who saved the record, to each recipient by a letter of their own', async () => {
  const { from, letters, texts } = await composed({ alert: { ccEmails: ['x@example.com'] } })
  assert.deepEqual(from, { name: 'Anna', address: 'anna@example.com' })
  assert.deepEqual(
    letters.map(({ to, textIndex, state }) => [to.name, to.address, textIndex, state]),
    [
      ['Ben', 'ben@example.com', 0, 'waiting'],
      ['', 'x@example.com', 0, 'waiting'],
    ],
  )
  assert.equal(texts.length, 1)
})

test('or from the address or the user that the alert names', async () => {
  const wide = { senderType: 'OrgWideEmailAddress', senderAddress: 'info@example.com' } as const
  assert.deepEqual((await composed({ alert: wide })).from, {
    name: 'Acme',
    address: 'info@example.com',
  })
  const byDefault = { senderType: 'DefaultWorkflowUser' } as const
  const { from } = await composed({ alert: byDefault, defaultWorkflowUser: 'BEN@example.com' })
  assert.equal(from.address, 'ben@example.com')
  assert.deepEqual(await compose({ alert: byDefault }), {
    kind: 'unwritable',
    reason: 'there is no default workflow user: set org.defaultWorkflowUser',
  })
})

test('a template that speaks to its receiver is written for each', async () => {
  const recipients = [
    { type: 'user', recipient: 'anna@example.com', field: null },
    { type: 'owner', recipient: null, field: null },
  ]
  const { texts, letters } = await composed({
    alert: { recipients, ccEmails: ['x@example.com'] },
    template: { body: 'Hi {!Receiving_User.Name}' },
    mergeValue: (_expression, { receiver }) => textValue(String(receiver?.fields.Name ?? 'you')),
  })
  assert.deepEqual(
    letters.map(({ textIndex }) => texts[textIndex]?.text),
    ['Hi Anna', 'Hi Ben', 'Hi you'],
  )
})

test('a new owner is told of what is theirs now, without an alert', async () => {
  const about = { kind: 'assignment' as const, assigneeId: BEN.recordId }
  const { letters, texts } = await composed({
    email: { about },
    mergeValue: (expression) => textValue(`<${expression}>`),
  })
  assert.equal(letters[0]?.to.address, 'ben@example.com')
  assert.equal(texts[0]?.subject, 'Account <Account.Name> has been assigned to you.')
  assert.match(texts[0]?.text ?? '', /by <User\.Name>[\s\S]*<Account\.Link>/)
})

test('what keeps an e-mail from being written is said', async () => {
  const reasonOf = async (given: Given) => {
    const composition = await compose(given)
    return 'reason' in composition ? [composition.kind, composition.reason] : []
  }
  assert.deepEqual(await reasonOf({ alert: { template: 'Sales/Gone' } }), [
    'unwritable',
    'there is no e-mail template Sales/Gone',
  ])
  assert.deepEqual(await reasonOf({ alert: { fullName: 'Other' } }), [
    'unwritable',
    'the e-mail alert Account.Welcome is gone from the project',
  ])
  assert.deepEqual(await reasonOf({ template: { templateType: 'visualforce', body: '' } }), [
    'unwritable',
    "the template Sales/Welcome can't be used: it has no body",
  ])
  assert.deepEqual(
    await reasonOf({ email: { recordId: BEN.recordId.replace('005', '001') as never } }),
    ['unwritable', `there is no record ${BEN.recordId.replace('005', '001')} any more`],
  )
  const none = { recipients: [{ type: 'user', recipient: 'who@example.com', field: null }] }
  assert.deepEqual(await reasonOf({ alert: none }), [
    'nobody',
    'user: there is no user who@example.com',
  ])
  const big = { body: '{!Account.Description}' }
  const mergeValue = () => textValue('x'.repeat(2 * 1024 * 1024))
  assert.deepEqual(await reasonOf({ template: big, mergeValue }), [
    'unwritable',
    'its text has 2097159 bytes, 2097152 at most',
  ])
})
