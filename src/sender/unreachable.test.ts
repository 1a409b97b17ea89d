import assert from 'node:assert/strict'
import { createServer as createTlsServer } from 'node:https'
import { type TestContext, test } from 'node:test'
import {
  type Certificate,
  daysFromNow,
  openAuthority,
  selfSigned,
} from '../../test/support/certificates.ts'
import { listen } from '../../test/support/egress.ts'
import { openSending } from '../../test/support/sending.ts'
import { openGuard, type ResolveName } from '../egress/guard.ts'
import type { HttpSettings } from '../egress/post.ts'
import { makeTlsIdentity } from '../egress/tls/tls-identity.ts'
import { retryDelayMs } from '../outbox/settle.ts'

const root = await openAuthority()
const trusting = () => ({ identity: () => makeTlsIdentity([root.cert], null) })

/** An https listener that would acknowledge; answers its URL. */
async function listenWith(t: TestContext, certificate: Certificate): Promise<string> {
  const server = createTlsServer({ ...certificate }, (_, reply) => void reply.end())
  return `https://localhost:${await listen(t, server)}/in`
}

/** Tries two notifications once; nothing may be lost by it. Answers the failure reason that people see. */
async function reasonOf(
  t: TestContext,
  url: string,
  settings: Partial<HttpSettings> = {},
): Promise<string> {
  const { sender, queue, outbox, clock } = await openSending(t, url, settings)
  await queue(2)

  assert.equal(await sender.turn(), 'worked')

  const waiting = await outbox.list({ state: 'waiting', limit: 10 })
  assert.equal(waiting.length, 2)
  for (const { attemptCount, dueAt, batchLimit } of waiting) {
    assert.deepEqual(
      [attemptCount, dueAt, batchLimit],
      [1, clock.now() + retryDelayMs(1), 100],
      'tried again by its own clock, together',
    )
  }
  const [attempt] = await outbox.attempts({ limit: 1 })
  assert.equal(attempt?.outcome, 'unanswered')
  assert.equal(attempt?.reason, waiting[0]?.failureReason)
  return waiting[0]?.failureReason ?? ''
}

test('a host that has no address is the failure reason, and nothing is lost', async (t) => {
  const resolve: ResolveName = (hostname, answer) =>
    answer(Object.assign(new Error(hostname), { code: 'ENOTFOUND' }), [])
  const guard = openGuard({ allow: ['loopback'], resolve })
  const reason = await reasonOf(t, 'https://nowhere.example/in', { guard })
  assert.equal(reason, 'java.net.UnknownHostException: nowhere.example')
})

test('an address that is not public, and a port that is not allowed, are the failure reason', async (t) => {
  const guard = openGuard({ allow: [] })
  const privately = await reasonOf(t, 'https://10.1.2.3/in', { guard })
  assert.match(privately, /not allowed by the egress rules \(EGRESS_ADDRESS_DENIED\): 10\.1\.2\.3/)
  const port = await reasonOf(t, 'https://erp.example:444/in', { guard })
  assert.match(port, /\(EGRESS_PORT\): erp\.example/)
})

test('a certificate that has expired is the failure reason', async (t) => {
  const expired = await root.issue({ notBefore: daysFromNow(-30), notAfter: daysFromNow(-1) })
  assert.match(await reasonOf(t, await listenWith(t, expired), trusting()), /expired/i)
})

test('a certificate that is not valid yet is the failure reason', async (t) => {
  const early = await root.issue({ notBefore: daysFromNow(2), notAfter: daysFromNow(30) })
  assert.match(await reasonOf(t, await listenWith(t, early), trusting()), /not yet valid/i)
})

test('a certificate for another host is the failure reason', async (t) => {
  const other = await root.issue({ names: ['other.example'], addresses: [] })
  assert.match(
    await reasonOf(t, await listenWith(t, other), trusting()),
    /domain name localhost wasn't in the supported set of domain names in the certificate/,
  )
})

test('a certificate that signed itself, or that nobody known signed, is the failure reason', async (t) => {
  const own = await reasonOf(t, await listenWith(t, await selfSigned()), trusting())
  assert.match(own, /PKIX path building failed.*signed itself/)
  assert.match(await reasonOf(t, await listenWith(t, await root.issue())), /PKIX path building/)
})
