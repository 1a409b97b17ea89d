import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { XmlError } from '../xml.ts'
import { decodeXml, openXmlDecoder } from './xml-decoder.ts'

const text = '<a>ä€😀</a>'
const utf16 = (document: string) => Buffer.from(document, 'utf16le')

function isRefused(bytes: Uint8Array, charset: string | null = null): boolean {
  try {
    decodeXml(bytes, charset)
    return false
  } catch (error) {
    assert.ok(error instanceof XmlError, String(error))
    assert.equal(error.errorCode, 'XML_ENCODING')
    return true
  }
}

/** Decoded in pieces of the given lengths, over and over. */
function inPieces(bytes: Uint8Array, lengths: readonly number[], charset: string | null = null) {
  const decoder = openXmlDecoder(charset)
  let decoded = ''
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1
    decoded += decoder.write(bytes.subarray(at, at + length))
    at += length
  }
  return decoded + decoder.end()
}

test('bytes are UTF-8 or UTF-16, by their mark or by their look', () => {
  for (const bytes of [
    Buffer.from(text),
    Buffer.from(`\uFEFF${text}`),
    utf16(`\uFEFF${text}`),
    utf16(`\uFEFF${text}`).swap16(),
    utf16(text),
    utf16(text).swap16(),
  ]) {
    assert.equal(decodeXml(bytes), text)
    assert.equal(inPieces(bytes, [1]), text)
  }
  assert.equal(decodeXml(Buffer.alloc(0)), '')
  assert.equal(inPieces(Buffer.alloc(0), [1]), '')
})

test('a character that is cut off, overlong, or half of a pair is refused', () => {
  for (const bytes of [
    Buffer.from(text).subarray(0, 4),
    Buffer.from([0x3c, 0xc0, 0xbc]),
    Buffer.from([0x3c, 0xed, 0xa0, 0x80]),
    Buffer.from([0xff, 0xfe, 0x3c]),
    Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
    Buffer.from('<a>\xE4</a>', 'latin1'),
  ]) {
    assert.ok(isRefused(bytes))
    assert.throws(() => inPieces(bytes, [1]), XmlError)
  }
})

test('under another encoding’s name only ASCII is taken; a Content-Type goes before the declaration', () => {
  const declared = (encoding: string, value: string) =>
    `<?xml version="1.0" encoding='${encoding}'?><a>${value}</a>`
  assert.equal(isRefused(Buffer.from(declared('ISO-8859-1', 'e'))), false)
  assert.equal(isRefused(Buffer.from(declared('ISO-8859-1', 'Ã¤'), 'latin1')), true)
  assert.equal(isRefused(Buffer.from(declared('ISO-8859-1', 'ä')), 'UTF-8'), false)
  assert.equal(isRefused(Buffer.from(declared('UTF-8', 'ä')), 'windows-1252'), true)
  for (const encoding of ['utf-8', 'UTF8', 'utf-16', 'us-ascii']) {
    assert.equal(decodeXml(Buffer.from(declared(encoding, 'ä'))), declared(encoding, 'ä'))
  }
})

test('wherever the bytes are cut, the text is the same, and so is a refusal', () => {
  const documents = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((value) => Buffer.from(`<a>${value}</a>`)),
    fc.string({ unit: 'grapheme' }).map((value) => utf16(`<a>${value}</a>`)),
    fc.uint8Array({ maxLength: 700 }),
  )
  const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(documents, lengths, (bytes, cuts) => {
      if (isRefused(bytes)) assert.throws(() => inPieces(bytes, cuts), XmlError)
      else assert.equal(inPieces(bytes, cuts), decodeXml(bytes))
    }),
  )
})
