import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdsSecret, maskUrl } from './mask-url.ts'

test('a masked URL shows neither user nor password nor the values of its query', () => {
  const expected: readonly (readonly [string, string])[] = [
    [
      'https://me:pw@example.com:8443/a/b?key=s3cret&x=1#frag',
      'https://***@example.com:8443/a/b?key=***&x=***',
    ],
    ['https://me@example.com/', 'https://***@example.com/'],
    ['https://:pw@example.com/', 'https://***@example.com/'],
    ['https://good.example@evil.example/', 'https://***@evil.example/'],
    ['https://example.com/a?s3cret', 'https://example.com/a?***'],
    ['https://example.com/a?a=b=s3cret&&c', 'https://example.com/a?a=***&***&***'],
    ['https://example.com/a', 'https://example.com/a'],
    ['me:pw@example', '***'],
    ['//me:pw@example.com', '***'],
    ['listener.example.com/in?key=s3cret', '***'],
    ['listener.example.com/in', 'listener.example.com/in'],
  ]
  for (const [url, masked] of expected) {
    assert.equal(maskUrl(url), masked)
    assert.equal(holdsSecret(url), masked.includes('***'), url)
  }
})

test('a masked URL shows no secret in its path: of a receiving endpoint, or what looks like a token', () => {
  const expected: readonly (readonly [string, string])[] = [
    ['/v2/api/jobconfigs/accounts/sfdc/obm/pw', '/v2/api/jobconfigs/accounts/sfdc/obm/***'],
    ['/v2/api/jobconfigs/accounts/sfdc/obm', '/v2/api/jobconfigs/accounts/sfdc/obm'],
    ['/hooks/9f86d081884c7d659a2feaa0c55ad015/in', '/hooks/***/in'],
    ['/hooks/0b6f1c52-5d35-4a43-9d5c-6d0a3a0a8a55', '/hooks/***'],
    ['/services/a-listener-with-a-long-name/in', '/services/a-listener-with-a-long-name/in'],
    ['/soap/00D000000000001AAA/in', '/soap/00D000000000001AAA/in'],
  ]
  for (const [path, masked] of expected) {
    assert.equal(maskUrl(`https://example.com${path}`), `https://example.com${masked}`)
  }
})
