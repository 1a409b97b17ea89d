import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf, isLoopback, isPortSentTo } from './endpoint-url.ts'

test('a host is this machine by its loopback addresses and by localhost alone', () => {
  const own = [
    'localhost',
    'shop.localhost',
    'localhost.',
    '127.0.0.1',
    '127.9.8.7',
    '::1',
    '[::1]',
  ]
  const others = ['localhost.example', 'notlocalhost', '127.0.0.1.example', '10.0.0.1', '::2', '']
  assert.deepEqual(own.filter(isLoopback), own)
  assert.deepEqual(others.filter(isLoopback), [])
})

test('ports are those that Salesforce sends to', () => {
  const sentTo = (url: string) => isPortSentTo(new URL(url))
  assert.ok(['http://a/', 'http://a:80/', 'https://a:443/', 'https://a:1024/'].every(sentTo))
  assert.ok(!['http://a:443/', 'https://a:80/', 'https://a:1023/'].some(sentTo))
})

test('the host of a URL is bare', () => {
  assert.equal(hostOf(new URL('https://[2001:db8::1]:8443/x')), '2001:db8::1')
})
