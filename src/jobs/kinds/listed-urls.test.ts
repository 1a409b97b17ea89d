import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUrlListed, listedUrlMistake } from './listed-urls.ts'

test('a job may post to what is listed by scheme, host, port and path, and to nothing that only looks like it', () => {
  const urls = ['https://erp.example/hooks', 'https://*.crm.example', 'http://127.0.0.1:9000/']
  const isListed = (url: string) => isUrlListed(urls, url)

  for (const url of [
    'https://erp.example/hooks',
    'https://erp.example/hooks/accounts?key=1',
    'https://ERP.example:443/hooks/',
    'https://eu.crm.example/any/where',
    'https://a.b.crm.example',
    'http://127.0.0.1:9000/x',
    'http://0x7f.1:9000/x', // the same address, written otherwise
  ]) {
    assert.equal(isListed(url), true, url)
  }
  for (const url of [
    'http://erp.example/hooks',
    'https://erp.example/',
    'https://erp.example/hooksy',
    'https://erp.example/hooks/../admin',
    'https://erp.example/hooks/%2e%2e/admin',
    'https://erp.example/hooks/..%2fadmin',
    'https://erp.example/hooks/..%5cadmin',
    'https://erp.example:8443/hooks',
    'https://erp.example.evil.test/hooks',
    'https://evil.test/https://erp.example/hooks',
    'https://erp.example@evil.test/hooks',
    'https://crm.example/',
    'https://evilcrm.example/',
    'http://127.0.0.1:9001/',
    'nonsense',
  ]) {
    assert.equal(isListed(url), false, url)
  }
  assert.equal(isUrlListed([], 'https://erp.example/hooks'), false)
})

test('an entry that is no URL, or lists more than anybody means, is a mistake', () => {
  const right = ['https://erp.example', 'http://10.1.2.3:9000/in', 'https://*.erp.example/hooks']
  assert.deepEqual(right.map(listedUrlMistake), [null, null, null])
  for (const entry of ['erp.example', 'ftp://erp.example', '*', 'https://*', 'https://*.example']) {
    assert.notEqual(listedUrlMistake(entry), null, entry)
  }
  assert.match(listedUrlMistake('https://u:p@erp.example') ?? '', /without user/)
  assert.match(listedUrlMistake('https://a.*.example') ?? '', /a host/)
})
