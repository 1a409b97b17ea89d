import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg, PASSWORD, type TestOrg } from '../../../test/support/open-test-org.ts'
import {
  asDefinitions,
  CREDENTIAL,
  sendableMessage,
} from '../../../test/support/org-definitions.ts'
import { HOUR_MS, MINUTE_MS } from '../../base/clock.ts'
import { LOGIN_FAILURES_MAX } from '../../base/secrets/login-throttle.ts'
import { DEFAULT_ORG_SETTINGS } from '../../schema/org-settings.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { createStandInUsers } from '../founding/create-stand-in-users.ts'
import { foundOrg } from '../founding/found-org.ts'
import { keepNamedRecords } from '../founding/keep-named-records.ts'
import { authenticate, openOrg } from '../open-org.ts'
import { openRecordsForSender } from '../read-records-as.ts'
import { rawFields } from '../save/record-edit.ts'
import { saveRecords } from '../save/save-records.ts'
import { queryRecords } from '../soql/query-records.ts'

test('an org is founded once: later starts find the same organisation, user and password', async (t) => {
  const { org, stores, adminId, clock } = await openTestOrg(t)

  const again = await foundOrg(
    { store: stores.org, clock },
    { firstUser: { username: 'admin@example.com', password: 'another' } },
  )

  assert.deepEqual(again, { organizationId: org.organizationId, userId: adminId })
  assert.match(org.organizationId, /^00D\w{15}$/)
  assert.equal((await org.login('ADMIN@example.com', PASSWORD)).userId, adminId)
})

test('a session is opaque, is known in every process, and ends by itself or when it is ended', async (t) => {
  const { org, stores, clock, adminId } = await openTestOrg(t)
  const other = await openOrg({ ...org, store: stores.org })

  const { token } = await org.sessions.start(adminId)

  assert.match(token, /^00D\w{12}![\w.]{96}$/)
  assert.equal((await authenticate(other, token))?.username, 'admin@example.com')
  await org.sessions.end(token)
  assert.equal(await authenticate(org, token), null)
  clock.at += MINUTE_MS // another process trusts what it verified for a minute
  assert.equal(await authenticate(other, token), null)

  const second = await org.sessions.start(adminId)
  clock.at += 12 * HOUR_MS
  assert.equal(await authenticate(org, second.token), null)
  assert.equal(await authenticate(org, `${second.token}x`), null)
  assert.equal(await authenticate(org, 'nonsense'), null)
})

test('a wrong password and an unknown user are told alike, and guessing is slowed down', async (t) => {
  const { org, clock } = await openTestOrg(t)
  const wrong = { errorCode: 'INVALID_LOGIN', message: /user locked out/ }
  await assert.rejects(org.login('nobody@example.com', PASSWORD), wrong)

  const guesses = Array.from({ length: 2 * LOGIN_FAILURES_MAX }, () =>
    org.login('admin@example.com', 'guess'),
  )
  const answers = await Promise.allSettled(guesses)
  const codes = answers.map((each) => each.status === 'rejected' && each.reason.errorCode)
  assert.equal(codes.filter((code) => code === 'INVALID_LOGIN').length, LOGIN_FAILURES_MAX)
  assert.equal(codes.filter((code) => code === 'LOGIN_RATE_EXCEEDED').length, LOGIN_FAILURES_MAX)

  await assert.rejects(org.login('admin@example.com', PASSWORD), {
    errorCode: 'LOGIN_RATE_EXCEEDED',
  })
  clock.at += MINUTE_MS
  assert.equal((await org.login('admin@example.com', PASSWORD)).username, 'admin@example.com')
})

test('the right password is taken however many sign in with it at once', async (t) => {
  const { org } = await openTestOrg(t)

  const logins = Array.from({ length: 15 }, () => org.login('admin@example.com', PASSWORD))

  assert.equal((await Promise.all(logins)).length, 15)
})

test('an inactive user cannot sign in, owns nothing new, and his sessions are over', async (t) => {
  const house = await openTestOrg(t)
  const { org, save, clock } = house
  const [made] = await createStandInUsers(
    org,
    ['reader@example.com', 'ADMIN@example.com'],
    house.adminId,
  )
  const reader = await org.users.userNamed('reader@example.com')
  assert.ok(made === 'reader@example.com' && reader)
  const { token } = await org.sessions.start(reader.userId)

  const fields = rawFields({ IsActive: false })
  await save([{ kind: 'update', objectName: 'User', recordId: reader.userId, fields }])

  assert.equal(await authenticate(org, token), null)
  clock.at += 1000
  const [result] = await save([
    {
      kind: 'create',
      objectName: 'Account',
      fields: rawFields({ Name: 'A', OwnerId: reader.userId }),
    },
  ])
  assert.ok(result?.kind === 'refused')
  assert.equal(result.errors[0]?.statusCode, 'INACTIVE_OWNER_OR_USER')
})

/** A standard user of a profile that may not read Fax, nor any contact, and not edit Phone. */
async function withReader(t: Parameters<typeof openTestOrg>[0]) {
  const profile = {
    name: 'Reader',
    unreadable: ['Account.Fax'],
    readOnly: ['Account.Phone'],
    unreadableObjects: ['Contact'],
    userPermissions: [],
  }
  const definitions = [
    ...asDefinitions({ objects: [CREDENTIAL], messages: [sendableMessage()] }),
    { kind: 'profile' as const, key: 'Reader', body: profile },
    {
      kind: 'settings' as const,
      key: 'org',
      body: { ...DEFAULT_ORG_SETTINGS, sendSessionIds: true },
    },
  ]
  const house = await openTestOrg(t, { definitions })
  await keepNamedRecords(house.org, {
    queues: [{ developerName: 'Help', name: 'Help desk' }],
    userId: house.adminId,
  })
  const { records } = await house.org.store.readRecords([
    { kind: 'all', objectName: 'Profile', limit: 9 },
  ])
  const profileId = records.find((each) => each.fields.Name === 'Reader')?.recordId
  await createStandInUsers(house.org, ['reader@example.com'], house.adminId)
  const made = await house.org.users.userNamed('reader@example.com')
  const fields = rawFields({ ProfileId: profileId })
  await house.save([{ kind: 'update', objectName: 'User', recordId: made?.userId ?? '', fields }])
  const reader = await house.org.users.userNamed('reader@example.com')
  assert.ok(reader && profileId)
  return { house, userId: reader.userId, profileId }
}

async function saveAs({ org }: TestOrg, userId: RecordId, objectName: string, fields: object) {
  const edit = { kind: 'create', objectName, fields: rawFields(fields) } as const
  const [result] = await saveRecords(org, [edit], { userId, allOrNone: true })
  return result?.kind === 'refused' ? result.errors[0]?.statusCode : 'saved'
}

test('a profile decides which fields its users read and edit, and who may change settings and users', async (t) => {
  const { house, userId } = await withReader(t)
  const id = await house.create('Account', { Name: 'Acme', Fax: '1', Phone: '2' })
  const asReader = (soql: string) =>
    queryRecords(house.org, soql, { userId, includeDeleted: false })

  assert.equal(await saveAs(house, userId, 'Account', { Name: 'B' }), 'saved')
  assert.equal(
    await saveAs(house, userId, 'Account', { Name: 'B', Phone: '1' }),
    'INVALID_FIELD_FOR_INSERT_UPDATE',
  )
  assert.equal(await saveAs(house, userId, CREDENTIAL.name, {}), 'INSUFFICIENT_ACCESS_OR_READONLY')
  assert.equal(
    await saveAs(house, userId, 'Group', { Name: 'B' }),
    'INSUFFICIENT_ACCESS_OR_READONLY',
  )
  assert.equal((await asReader('SELECT Phone FROM Account')).totalSize, 2)
  await assert.rejects(asReader('SELECT Fax FROM Account'), { errorCode: 'INVALID_FIELD' })

  const sent = await openRecordsForSender(house.org).readRecordsAs(
    'reader@example.com',
    'Account',
    [id],
    ['Name', 'Fax', 'Phone'],
  )
  assert.deepEqual([...sent], [[id, { Name: 'Acme', Phone: '2' }]])
})

test('of an object that the user to send as may not read, nothing but ids is sent', async (t) => {
  const { house } = await withReader(t)
  const id = await house.create('Contact', { LastName: 'Smith' })
  const sender = openRecordsForSender(house.org)
  const read = (username: string) => sender.readRecordsAs(username, 'Contact', [id], ['LastName'])

  assert.deepEqual([...(await read('reader@example.com'))], [])
  const administrator = await house.org.users.userOf(house.adminId)
  assert.equal((await read(administrator?.username ?? '')).get(id)?.['LastName'], 'Smith')
})

test('in the classic setting a message carries a session of its user, over https or to this machine only', async (t) => {
  const { house, userId } = await withReader(t)
  const sender = openRecordsForSender(house.org)
  const to = (endpointUrl: string) => sendableMessage({ endpointUrl })

  const token = await sender.sessionFor('reader@example.com', to('https://example.com/'))

  assert.equal((await authenticate(house.org, token ?? ''))?.userId, userId)
  assert.equal(await sender.sessionFor('reader@example.com', to('http://localhost:1/')), token)
  assert.equal(await sender.sessionFor('reader@example.com', to('http://example.com/')), null)
  assert.equal(
    await sender.sessionFor('reader@example.com', sendableMessage({ includeSessionId: false })),
    null,
  )
  house.clock.at += 11 * HOUR_MS
  assert.notEqual(await sender.sessionFor('reader@example.com', to('https://example.com/')), token)
})

test('custom settings: for each field the user’s row counts, then the profile’s, then the organisation’s', async (t) => {
  const { house, userId, profileId } = await withReader(t)
  const { org } = house
  const { organizationId } = org
  await house.create(CREDENTIAL.name, { Username__c: 'org', Password__c: 'secret' })
  await house.create(CREDENTIAL.name, {
    SetupOwnerId: profileId,
    Username__c: 'profile',
    Active__c: true,
  })
  const own = await house.create(CREDENTIAL.name, { SetupOwnerId: userId })

  const settings = await org.customSettings.settingsFor({ userId, profileId, organizationId })
  const others = await org.customSettings.settingsFor({
    userId: house.adminId,
    profileId: null,
    organizationId,
  })

  assert.partialDeepStrictEqual(settings('datacloud_user_credential__c'), {
    Id: own,
    Username__c: 'profile',
    Password__c: 'secret',
    Active__c: false, // a checkbox is never blank: the user's own row wins
  })
  assert.partialDeepStrictEqual(others(CREDENTIAL.name), { Id: null, Username__c: 'org' })
  assert.equal(settings('Nonsense__c'), undefined)
  assert.equal(
    await saveAs(house, house.adminId, CREDENTIAL.name, { SetupOwnerId: userId }),
    'DUPLICATE_VALUE',
  )
})
