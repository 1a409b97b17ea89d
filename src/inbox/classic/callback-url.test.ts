import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRecordId } from '../../schema/record-id.ts'
import type { Envelope } from '../../wire/envelope.ts'
import { callbackUrlOf } from './callback-url.ts'

function envelopeOf(partnerUrl: string | null): Envelope {
  return {
    organizationId: parseRecordId('00D5e000000Abc1'),
    actionId: parseRecordId('04k5e000000Xy2z'),
    sessionId: 'secret',
    enterpriseUrl: null,
    partnerUrl,
    notifications: [],
  }
}

const PATH = '/services/Soap/u/60.0/00D5e000000Abc1'

function isAllowed(partnerUrl: string | null, ...hosts: readonly string[]): boolean {
  return callbackUrlOf(envelopeOf(partnerUrl), hosts).kind === 'allowed'
}

test('a session is shown to a host on the list, on its own port', () => {
  assert.ok(isAllowed(`https://acme.my.salesforce.com${PATH}`, 'acme.my.salesforce.com'))
  assert.ok(isAllowed(`https://ACME.my.salesforce.com:443${PATH}EAC`, 'acme.my.Salesforce.com'))
  assert.ok(isAllowed(`https://acme.example:8443${PATH}`, 'acme.example:8443'))
  assert.ok(isAllowed(`https://acme.example${PATH}`, 'acme.example:443'))
  assert.ok(isAllowed(`http://127.0.0.1:8080${PATH}`, '127.0.0.1:8080'))
  assert.ok(!isAllowed(`https://acme.example:8443${PATH}`, 'acme.example'))
  assert.ok(!isAllowed(`https://evil.example${PATH}`, 'acme.example'))
  assert.ok(!isAllowed(`https://acme.example${PATH}`))
})

test('a star stands for what is below a host, not for the host or its look-alikes', () => {
  const hosts = ['*.my.salesforce.com']
  assert.ok(isAllowed(`https://acme.my.salesforce.com${PATH}`, ...hosts))
  assert.ok(!isAllowed(`https://my.salesforce.com${PATH}`, ...hosts))
  assert.ok(!isAllowed(`https://evilmy.salesforce.com${PATH}`, ...hosts))
  assert.ok(!isAllowed(`https://acme.my.salesforce.com.evil.example${PATH}`, ...hosts))
  assert.ok(!isAllowed(`https://acme.my.salesforce.com:8443${PATH}`, ...hosts))
})

test('a session is not shown in the clear, to another path, or to a URL with tricks', () => {
  const host = 'acme.example'
  assert.ok(!isAllowed(`http://acme.example${PATH}`, host))
  assert.ok(!isAllowed('https://acme.example/services/Soap/u/60.0/00D5e000000Abc2', host))
  assert.ok(!isAllowed('https://acme.example/other', host))
  assert.ok(!isAllowed(`https://acme.example@evil.example${PATH}`, host, 'evil.example'))
  assert.ok(!isAllowed(`https://evil.example\\@acme.example${PATH}`, host))
  assert.ok(!isAllowed(`file:///etc/passwd`, host))
  assert.ok(!isAllowed('no url', host))
  assert.ok(!isAllowed(null, host))
})

test('a query or a fragment of the URL is not sent along', () => {
  const allowed = callbackUrlOf(envelopeOf(`https://acme.example${PATH}?a=b#c`), ['acme.example'])
  assert.deepEqual(allowed, { kind: 'allowed', url: `https://acme.example${PATH}` })
})
