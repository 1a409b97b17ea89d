import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPassword, verifyNoPassword, verifyPassword } from './password.ts'

test('a password is right against its own hash and no other is', async () => {
  const stored = await hashPassword('sésame, ouvre-toi')

  assert.equal(await verifyPassword('sésame, ouvre-toi', stored), true)
  assert.equal(await verifyPassword('se\u0301same, ouvre-toi', stored), true) // typed on another keyboard
  assert.equal(await verifyPassword('sesame, ouvre-toi', stored), false)
  assert.equal(await verifyPassword('', stored), false)
})

test('two hashes of one password differ and hold no trace of it', async () => {
  const [first, second] = await Promise.all([hashPassword('secret'), hashPassword('secret')])
  assert.notEqual(first, second)
  assert.doesNotMatch(`${first}${second}`, /secret/)
})

test('a text that is no hash, or one that asks for too much memory, is never right', async () => {
  const stored = await hashPassword('secret')
  for (const text of [
    '',
    'secret',
    'scrypt$',
    stored.replace('N=16384', 'N=9999999'),
    `${stored}x`,
  ]) {
    assert.equal(await verifyPassword('secret', text), false, text)
  }
  assert.equal(
    await verifyPassword('x'.repeat(1_001), await hashPassword('x'.repeat(1_001))),
    false,
  )
  assert.equal(await verifyNoPassword('secret'), false)
})

test('of many checks at once each gets its own answer', async () => {
  const stored = await hashPassword('secret')
  const given = ['secret', 'no', 'secret', 'nor this', 'secret']
  const answers = await Promise.all(given.map((password) => verifyPassword(password, stored)))
  assert.deepEqual(answers, [true, false, true, false, true])
})
