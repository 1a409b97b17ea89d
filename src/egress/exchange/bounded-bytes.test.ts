import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openBoundedBytes } from './bounded-bytes.ts'

test('pieces are put together in order, up to the limit and not a byte more', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 20 })
  fc.assert(
    fc.property(pieces, fc.nat(20_000), (given, maxBytes) => {
      const bounded = openBoundedBytes(maxBytes)
      const kept = given.filter((piece) => bounded.add(piece))
      const bytes = bounded.bytes()

      assert.deepEqual(bytes, Buffer.concat(kept))
      assert.ok(bytes.length <= maxBytes)
      const firstRefused = given.find((piece) => !kept.includes(piece))
      assert.ok(!firstRefused || firstRefused.length > maxBytes - bytes.length || kept.length > 0)
    }),
  )
})

test('a piece is copied, so that a million of one byte hold a million bytes and no buffers', () => {
  const bounded = openBoundedBytes(1_000_000)
  const piece = Buffer.from('a')
  for (let count = 0; count < 1_000_000; count += 1) bounded.add(piece)
  piece.fill('b')

  assert.equal(bounded.bytes().toString(), 'a'.repeat(1_000_000))
  assert.ok(bounded.bytes().buffer.byteLength <= 1_048_576)
  assert.equal(bounded.add(piece), false)
})
