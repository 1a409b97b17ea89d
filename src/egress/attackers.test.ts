import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import fc from 'fast-check'
import { selfSigned } from '../../test/support/certificates.ts'
import { codeOf, listen, openClient, openWebEndpoint, post } from '../../test/support/egress.ts'
import { EgressRefused } from './egress-refused.ts'
import { type Guard, openGuard } from './guard.ts'

const publicOnly = openGuard({ allow: [] })

function verdictOn(guard: Guard, url: string): string {
  try {
    return guard.checkUrl(url).host
  } catch (error) {
    assert.ok(error instanceof EgressRefused, String(error))
    return error.errorCode
  }
}

test('however an IPv4 address is spelt, it is let out only if it is as it stands', () => {
  const byte = fc.nat(255)
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte, byte), ([a, b, c, d]) => {
      const dotted = [a, b, c, d].join('.')
      const low = ((b << 16) | (c << 8) | d) >>> 0
      const whole = a * 2 ** 24 + low
      const spellings = [
        String(whole),
        `0x${whole.toString(16)}`,
        `0${whole.toString(8)}`,
        `${a}.${low}`,
        [a, b, c, d].map((each) => `0x${each.toString(16)}`).join('.'),
        [a, b, c, d].map((each) => `0${each.toString(8)}`).join('.'),
        `${dotted}.`,
        [a, b, c, d].join('。'),
      ]
      const isLetOut = publicOnly.admits(dotted)
      for (const each of spellings) {
        const expected = isLetOut ? dotted : 'EGRESS_ADDRESS_DENIED'
        assert.equal(verdictOn(publicOnly, `http://${each}/`), expected, each)
      }
      for (const inner of ['::', '::ffff:', '::ffff:0:', '64:ff9b::']) {
        assert.equal(publicOnly.admits(`${inner}${dotted}`), false)
      }
    }),
  )
})

test('who allows NAT64 allows the public addresses behind it, and none of the inside', () => {
  const guard = openGuard({ allow: ['64:ff9b::/96', '2002::/16'] })
  assert.equal(guard.admits('64:ff9b::8.8.8.8'), true)
  assert.equal(guard.admits('2002:808:808::1'), true)
  for (const inside of [
    '64:ff9b::10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:a9fe:a9fe::1',
    'fe80::1%eth0',
  ]) {
    assert.equal(guard.admits(inside), false, inside)
  }
})

test('what stands before an @, a backslash or a line break of a URL deceives nobody', () => {
  const expected: readonly (readonly [string, string])[] = [
    ['http://good.example@127.0.0.1/', 'EGRESS_ADDRESS_DENIED'],
    ['http://good.example:80@169.254.169.254/latest/meta-data/', 'EGRESS_ADDRESS_DENIED'],
    ['http://127.0.0.1\\@good.example/', 'EGRESS_ADDRESS_DENIED'],
    ['http://127.0.0.1#@good.example/', 'EGRESS_ADDRESS_DENIED'],
    ['http://127.0\r\n.0.1/', 'EGRESS_ADDRESS_DENIED'],
    ['http://[fd00:ec2::254]/', 'EGRESS_ADDRESS_DENIED'],
    ['http://[fe80::1%25eth0]/', 'EGRESS_URL'],
    [`https://good.example/${'a'.repeat(8000)}`, 'EGRESS_URL'],
    ['http+unix://%2Fvar%2Frun%2Fdocker.sock/', 'EGRESS_SCHEME'],
    ['unix:/var/run/docker.sock', 'EGRESS_SCHEME'],
    ['javascript:alert(1)', 'EGRESS_SCHEME'],
    ['http://good.example/', 'good.example'],
  ]
  for (const [url, verdict] of expected) assert.equal(verdictOn(publicOnly, url), verdict, url)
})

test('no header can be slipped in through a URL', async (t) => {
  const heads: string[][] = []
  const url = await openWebEndpoint(t, (request, response) => {
    heads.push(request.rawHeaders)
    request.resume()
    response.end()
  })
  const http = openClient(t)
  const origin = new URL(url).host
  for (const each of [
    `http://${origin}/a\r\nX-Evil: 1\r\n\r\n`,
    `http://${origin}/a%0d%0aX-Evil:%201`,
    `http://me%0d%0aX-Evil:%201:pw@${origin}/`,
    `http://${origin}/?a=b HTTP/1.1\r\nX-Evil: 1`,
  ]) {
    assert.equal(codeOf(await post(http, each)), 'answered 200', each)
  }
  assert.equal(heads.length, 4)
  assert.ok(!heads.flat().some((each) => /^x-evil$/i.test(each)))
})

test('the environment neither puts a proxy before the guard nor turns certificates off', async (t) => {
  const plain = await openWebEndpoint(t, (request, response) => {
    request.resume()
    response.end()
  })
  const tls = createTlsServer(await selfSigned(), (_request, response) => response.end())
  tls.on('tlsClientError', () => {})
  const urls = [plain, `https://localhost:${await listen(t, tls)}/`]
  const program = `
    const { openGuard } = await import(${JSON.stringify(new URL('guard.ts', import.meta.url).href)})
    const { openHttp } = await import(${JSON.stringify(new URL('post.ts', import.meta.url).href)})
    const http = openHttp({ guard: openGuard({ allow: ['loopback'] }) })
    for (const url of ${JSON.stringify(urls)}) {
      const reply = await http.request({ method: 'POST', url, body: 'x' })
      console.log(reply.kind === 'answered' ? reply.status : reply.code)
    }
    await http.close()`
  const nowhere = 'http://127.0.0.1:9'
  const env = {
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    http_proxy: nowhere,
    https_proxy: nowhere,
  }
  const more = { NODE_USE_ENV_PROXY: '1', NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }
  const args = ['--tls-min-v1.0', '--input-type=module', '--eval', program]
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env, ...more } })
  const [out] = await Promise.all([text(child.stdout), once(child, 'exit')])
  assert.deepEqual(out.trim().split('\n'), ['200', 'DEPTH_ZERO_SELF_SIGNED_CERT'])
})
