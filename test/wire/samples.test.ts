import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { EnvelopeError } from '../../src/wire/envelope-error.ts'
import { readEnvelope } from '../../src/wire/read-envelope.ts'

const samples = new URL('samples/', import.meta.url)

for (const name of readdirSync(samples)) {
  const folder = new URL(`${name}/`, samples)
  test(`wire sample: ${name}`, () => {
    const message = readFileSync(new URL('message.xml', folder))
    const expected: unknown = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'))
    assert.ok(readFileSync(new URL('why.md', folder), 'utf8').trim() !== '', 'why.md says nothing')

    assert.deepEqual(readOrRefuse(message), expected)
  })
}

function readOrRefuse(message: Uint8Array): unknown {
  try {
    return { envelope: readEnvelope(message) }
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error))
    return { errorCode: error.errorCode }
  }
}
