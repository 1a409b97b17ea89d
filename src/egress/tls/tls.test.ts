import assert from 'node:assert/strict'
import { createServer, type ServerOptions } from 'node:https'
import { before, describe, type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import {
  type Authority,
  daysFromNow,
  openAuthority,
  selfSigned,
} from '../../../test/support/certificates.ts'
import {
  codeOf,
  listen,
  openClient,
  post,
  resolvingTo,
  textOf,
} from '../../../test/support/egress.ts'
import { openGuard } from '../guard.ts'
import type { HttpReply } from '../http-reply.ts'
import { makeTlsIdentity } from './tls-identity.ts'

let root: Authority
before(async () => {
  root = await openAuthority()
})

/** An HTTPS server that answers with the name it was asked for, and the client certificate it was shown. */
async function openTls(t: TestContext, options: ServerOptions): Promise<number> {
  const server = createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket
    request.resume()
    response.end(
      `${socket.servername || 'no name'}, ${socket.getPeerCertificate().subject?.CN ?? 'nobody'}`,
    )
  })
  server.on('tlsClientError', () => {})
  return listen(t, server)
}

function openTrusting(t: TestContext, extraCa: readonly string[] = [root.cert]) {
  const guard = openGuard({ allow: ['loopback'], resolve: resolvingTo('127.0.0.1') })
  const identity = makeTlsIdentity(extraCa, null)
  return openClient(t, { guard, identity: () => identity })
}

describe('a certificate that is not as it should be fails the handshake, and says how:', () => {
  const cases: Readonly<
    Record<string, readonly [serve: () => Promise<ServerOptions>, code: string]>
  > = {
    'self-signed': [() => selfSigned(), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    'signed by an authority that is not trusted': [
      async () => (await openAuthority('Another CA')).issue(),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    'with a chain whose root is not trusted': [
      async () => {
        const other = await openAuthority('Another CA')
        const leaf = await other.issue()
        return { ...leaf, cert: leaf.cert + other.cert }
      },
      'SELF_SIGNED_CERT_IN_CHAIN',
    ],
    'without the intermediate that signed it': [
      async () => (await root.intermediate()).issue(),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    expired: [
      () => root.issue({ notBefore: daysFromNow(-30), notAfter: daysFromNow(-1) }),
      'CERT_HAS_EXPIRED',
    ],
    'not yet valid': [() => root.issue({ notBefore: daysFromNow(1) }), 'CERT_NOT_YET_VALID'],
    'of another host': [
      () => root.issue({ names: ['other.example'] }),
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    'for clients only': [() => root.issue({ usages: ['clientAuth'] }), 'INVALID_PURPOSE'],
  }
  for (const [name, [serve, code]] of Object.entries(cases)) {
    test(name, async (t) => {
      const port = await openTls(t, await serve())
      assert.equal(codeOf(await post(openTrusting(t), `https://localhost:${port}/`)), code)
    })
  }
})

test('a certificate of a trusted authority is taken, with its intermediate, for a name or an address', async (t) => {
  const between = await root.intermediate()
  const leaf = await between.issue({ names: ['localhost', '*.wild.example'] })
  const port = await openTls(t, { ...leaf, cert: leaf.cert + between.cert })
  const http = openTrusting(t)

  assert.equal(textOf(await post(http, `https://localhost:${port}/`)), 'localhost, nobody')
  assert.equal(textOf(await post(http, `https://127.0.0.1:${port}/`)), 'no name, nobody')
  assert.equal(
    textOf(await post(http, `https://a.wild.example:${port}/`)),
    'a.wild.example, nobody',
  )
  assert.equal(textOf(await post(http, `https://localhost.:${port}/`)), 'localhost, nobody')
  for (const host of ['other.example', 'b.a.wild.example']) {
    const reply = await post(http, `https://${host}:${port}/`)
    assert.equal(codeOf(reply), 'ERR_TLS_CERT_ALTNAME_INVALID', host)
  }
})

test('without the authority among the trusted ones nothing is sent', async (t) => {
  const port = await openTls(t, await root.issue())
  const reply = await post(openTrusting(t, []), `https://localhost:${port}/`)
  assert.equal(codeOf(reply), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
})

test('TLS is 1.2 or 1.3, never older', async (t) => {
  const leaf = await root.issue()
  const http = openTrusting(t)
  const versionAt = async (options: ServerOptions) =>
    codeOf(await post(http, `https://localhost:${await openTls(t, { ...leaf, ...options })}/`))

  assert.equal(await versionAt({ maxVersion: 'TLSv1.2' }), 'answered 200')
  assert.equal(await versionAt({ minVersion: 'TLSv1.3' }), 'answered 200')
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  assert.equal(await versionAt(old), 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
})

describe('a listener that asks for a client certificate', () => {
  const asking = async (more: ServerOptions = {}): Promise<ServerOptions> => ({
    ...(await root.issue()),
    ca: root.cert,
    requestCert: true,
    ...more,
  })
  const shown = async (
    t: TestContext,
    port: number,
    commonName: string | null,
  ): Promise<HttpReply> => {
    const certificate = commonName === null ? null : await root.issue({ commonName })
    const identity = makeTlsIdentity(
      [root.cert],
      certificate && { ...certificate, passphrase: null },
    )
    const url = `https://localhost:${port}/`
    return openTrusting(t).request({ method: 'POST', url, body: 'x', identity })
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`gets it (${maxVersion})`, async (t) => {
      const port = await openTls(t, await asking({ maxVersion }))
      assert.equal(textOf(await shown(t, port, 'acme')), 'localhost, acme')
    })

    test(`and is shown none: the failure says so (${maxVersion})`, async (t) => {
      const port = await openTls(t, await asking({ maxVersion }))
      const reply = await shown(t, port, null)
      assert.equal(reply.kind, 'failed')
      assert.equal(reply.missedCertificate, true)
    })
  }

  test('and answers all the same when it is shown none: the answer says so', async (t) => {
    const port = await openTls(t, await asking({ rejectUnauthorized: false }))
    const reply = await shown(t, port, null)
    assert.equal(codeOf(reply), 'answered 200')
    assert.equal(reply.missedCertificate, true)
  })

  test('is never shown the certificate of another message, on its connection or in its session', async (t) => {
    const port = await openTls(t, await asking({ rejectUnauthorized: false }))
    const http = openTrusting(t)
    const identityOf = async (commonName: string) =>
      makeTlsIdentity([root.cert], { ...(await root.issue({ commonName })), passphrase: null })
    const [one, two] = [await identityOf('one'), await identityOf('two')]
    const as = async (identity: typeof one | undefined) => {
      const url = `https://localhost:${port}/`
      return textOf(await http.request({ method: 'POST', url, body: 'x', identity }))
    }
    for (let count = 0; count < 3; count += 1) {
      assert.equal(await as(one), 'localhost, one')
      assert.equal(await as(two), 'localhost, two')
      assert.equal(await as(undefined), 'localhost, nobody')
    }
  })

  test('and does not know the one it is shown', async (t) => {
    const port = await openTls(t, await asking())
    const stranger = await (await openAuthority('Another CA')).issue()
    const identity = makeTlsIdentity([root.cert], { ...stranger, passphrase: null })
    const url = `https://localhost:${port}/`
    const reply = await openTrusting(t).request({ method: 'POST', url, body: 'x', identity })
    assert.equal(reply.kind, 'failed')
    assert.equal(reply.missedCertificate, undefined)
  })
})
