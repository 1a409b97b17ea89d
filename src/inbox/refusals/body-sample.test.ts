import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBodySample } from './body-sample.ts'

function sampleOf(...pieces: readonly (string | Uint8Array)[]): string {
  const sample = openBodySample()
  for (const piece of pieces) sample.take(Buffer.from(piece))
  return sample.text()
}

test('a sample holds no session id, however it is written or cut off', () => {
  const secret = 'AQ.SECRET_part'
  const bodies = [
    `<SessionId>00D5e000000Abc1!${secret}</SessionId>`,
    `<a:SessionId x="1">${secret}</a:SessionId>`,
    `<sessionid>${secret}</sessionid>`,
    `<SessionId><![CDATA[${secret}]]></SessionId>`,
    `<SessionId>a<!-- c -->${secret}</SessionId>`,
    `<SessionId><![CDATA[${secret}`,
    `<SessionId>${secret}`,
    `Authorization 00D5e000000Abc1EAC!${secret} `,
    `<x id="00D5e000000Abc1&#33;${secret}"/>`,
    `00D5e000000Abc1&#x21;${secret}`,
  ]
  for (const body of bodies) {
    assert.doesNotMatch(sampleOf(`<a>${body}`), /SECRET/, body)
    assert.doesNotMatch(sampleOf(Buffer.from(`<a>${body}`, 'utf16le')), /SECRET/, `UTF-16 ${body}`)
  }
  assert.equal(sampleOf('<a>', '<SessionId/>', '<b>kept</b>'), '<a><SessionId/>(masked)<b>kept</b>')
})

test('a sample is the first 16 KB of a body that comes in pieces, without what a store cannot keep', () => {
  const large = sampleOf('a\0b', 'x'.repeat(16_000), 'y'.repeat(1_000_000))
  assert.equal(large.length, 16 * 1024 - 1)
  assert.match(large, /^abx+y+$/)
})
