import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialOf, credentialQuery } from './pick-credential.ts'

const user = {
  userId: '0055e000001AbCdAAK',
  profileId: '00e5e000001AbCdAAK',
  organizationId: '00D5e000000Abc1EAC',
}

const row = (owner: string, username: string | null, password: string | null) =>
  new Map([
    ['setupownerid', owner],
    ['username__c', username],
    ['password__c', password],
  ])

test('the user’s row comes before the profile’s, and that before the organisation’s', () => {
  const rows = [
    row(user.organizationId, 'org', 'o'),
    row(user.profileId, 'profile', 'p'),
    row(user.userId.slice(0, 15), 'user', 'u'),
  ]
  assert.equal(credentialOf(rows, user)?.username, 'user')
  assert.equal(credentialOf(rows.slice(0, 2), user)?.username, 'profile')
  assert.equal(credentialOf(rows.slice(0, 1), user)?.username, 'org')
  assert.equal(credentialOf([row('0055e000001AbCeAAK', 'someone', 's')], user), null)
})

test('each field is resolved for itself: an empty one falls through to the next row', () => {
  const rows = [row(user.userId, 'user', null), row(user.organizationId, 'org', 'o')]
  assert.deepEqual(credentialOf(rows, user), { username: 'user', password: 'o' })
})

test('only the rows that may apply are asked for, and nothing but ids and a name gets into the query', () => {
  assert.equal(
    credentialQuery('DataCloud_User_Credential__c', user),
    "SELECT Id, SetupOwnerId, Username__c, Password__c FROM DataCloud_User_Credential__c WHERE SetupOwnerId IN ('0055e000001AbCdAAK', '00e5e000001AbCdAAK', '00D5e000000Abc1EAC')",
  )
  assert.equal(credentialQuery('X__c', { ...user, userId: "' OR ''='" }), null)
  assert.equal(credentialQuery('X__c WHERE Name', user), null)
})
