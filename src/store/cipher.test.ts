import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCipher } from './cipher.ts'

const key = Buffer.from('0123456789abcdef0123456789abcdef')

test('what is sealed alike is the same for the same text and key alone, and opens', () => {
  const [cipher, other] = [openCipher(key), openCipher(Buffer.alloc(32, 9))]
  const sealed = cipher.sealAlike('https://me:pw@example.com/')
  assert.equal(cipher.sealAlike('https://me:pw@example.com/'), sealed)
  assert.notEqual(cipher.sealAlike('https://me:pw@example.com/a'), sealed)
  assert.notEqual(other.sealAlike('https://me:pw@example.com/'), sealed)
  assert.equal(cipher.open(sealed), 'https://me:pw@example.com/')
  assert.equal(cipher.isSealed(sealed), true)
  assert.equal(cipher.isSealed('https://example.com/'), false)
  assert.throws(() => other.open(sealed))
})
