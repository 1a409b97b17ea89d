import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { afterTest } from '../../test/support/after-test.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from '../../test/support/localhost-certificate.ts'
import { openTestSmtp } from '../../test/support/smtp-server.ts'
import { openSmtp, type SmtpTimes } from './open-smtp.ts'
import { readSmtpUrl } from './smtp-url.ts'
import type { OutgoingLetter } from './transport.ts'

const TLS = { cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY }

async function open(t: TestContext, url: string, times?: SmtpTimes) {
  const read = readSmtpUrl(url)
  const transport = await openSmtp(read.kind === 'server' ? read.server : assert.fail(), times)
  afterTest(t, () => transport.close())
  return transport
}

function letter(more: Partial<OutgoingLetter> = {}): OutgoingLetter {
  return {
    from: { name: 'Acme', address: 'acme@example.com' },
    to: { name: 'Ann', address: 'ann@example.com' },
    subject: 'Hello',
    text: 'Hello.',
    html: null,
    messageId: '<02s1.0@example.com>',
    sentAt: Date.UTC(2026, 2, 4, 12),
    ...more,
  }
}

test('a letter arrives as text and HTML, with names and subjects of every script', async (t) => {
  const smtp = await openTestSmtp(t)
  const transport = await open(t, `smtp://127.0.0.1:${smtp.port}`)
  const to = { name: 'Jörg "J" 佐藤', address: 'joerg@example.com' }
  const outcome = await transport.send(letter({ subject: 'Grüße 🎉', to, html: '<p>Hi</p>' }))

  assert.equal(outcome.kind, 'taken')
  const { source = '' } = smtp.received[0] ?? {}
  assert.match(source, /^Subject: =\?UTF-8\?[BQ]\?/m)
  assert.match(source, /^Message-ID: <02s1\.0@example\.com>/m)
  assert.match(source, /^Date: Wed, 04 Mar 2026 12:00:00 \+0000/m)
  assert.match(source, /Content-Type: text\/plain[\s\S]*Content-Type: text\/html/)
})

test('nothing in a letter makes a header of its own, or a file or URL be read', async (t) => {
  const smtp = await openTestSmtp(t)
  const transport = await open(t, `smtp://127.0.0.1:${smtp.port}`)
  const evil = { name: 'x\r\nBcc: c@example.com', address: 'ann@example.com' }
  const html = '<img src="file:///etc/passwd"><img src="http://169.254.169.254/">'
  await transport.send(letter({ subject: 'a\r\nBcc: b@example.com', to: evil, html }))

  const { source = '', to } = smtp.received[0] ?? {}
  assert.doesNotMatch(source, /^Bcc:/m)
  assert.deepEqual(to, ['ann@example.com'])
  assert.match(source, /file:\/\/\/etc\/passwd/)
})

test('STARTTLS is used where the server offers it, TLS from the start with smtps, and a login', async (t) => {
  const starting = await openTestSmtp(t, { ...TLS, disabledCommands: [] })
  const login = (user: string, password: string) => user === 'obm' && password === 'p@ss word'
  const secure = await openTestSmtp(t, {
    ...TLS,
    secure: true,
    authOptional: false,
    onAuth: ({ username, password }, _session, answer) => {
      if (login(username ?? '', password ?? '')) answer(null, { user: username ?? '' })
      else answer(Object.assign(new Error('wrong password'), { responseCode: 535 }))
    },
  })
  const one = await open(t, `smtp://localhost:${starting.port}?verify=false&requireTls=true`)
  const other = await open(t, `smtps://obm:p%40ss%20word@localhost:${secure.port}?verify=false`)

  assert.equal((await one.send(letter())).kind, 'taken')
  assert.equal((await other.send(letter())).kind, 'taken')
  assert.equal(starting.received[0]?.isSecure, true)
  assert.equal(secure.received[0]?.user, 'obm')

  const wrong = await open(t, `smtps://obm:no@localhost:${secure.port}?verify=false`)
  const refused = await wrong.send(letter())
  assert.equal(refused.kind, 'deferred', 'a wrong password is the operator’s to mend')
  assert.equal(refused.kind === 'deferred' && refused.isServer, true)
  assert.doesNotMatch(JSON.stringify(refused), /p@ss/)
})

test('a certificate that nobody vouches for, or no TLS where it is required, sends nothing', async (t) => {
  const secure = await openTestSmtp(t, { ...TLS, secure: true })
  const plain = await openTestSmtp(t)
  for (const url of [
    `smtps://localhost:${secure.port}`,
    `smtp://localhost:${plain.port}?requireTls=true`,
  ]) {
    const outcome = await (await open(t, url)).send(letter())
    assert.equal(outcome.kind === 'deferred' && outcome.isServer, true, url)
  }
  assert.equal(secure.received.length + plain.received.length, 0)
})

test('an address that is refused for good, one that is put off, a letter that is', async (t) => {
  const smtp = await openTestSmtp(t)
  const transport = await open(t, `smtp://127.0.0.1:${smtp.port}`)
  smtp.refuse = (address) => (address.startsWith('ann') ? '550 no such user' : null)
  const refused = await transport.send(letter())
  assert.deepEqual([refused.kind, refused.answer.slice(0, 16)], ['refused', '550 no such user'])

  smtp.refuse = () => '450 greylisted'
  const later = await transport.send(letter())
  assert.equal(later.kind === 'deferred' && !later.isServer, true)

  smtp.refuse = () => null
  smtp.refuseLetter = () => '554 looks like spam'
  assert.equal((await transport.send(letter())).kind, 'refused')
  smtp.refuseLetter = () => '451 try later'
  assert.equal((await transport.send(letter())).kind, 'deferred')
  smtp.refuseLetter = () => null
  assert.equal((await transport.send(letter())).kind, 'taken')
})

test('a server that is not there, or says nothing, is waited for in vain only so long', async (t) => {
  for (const port of [await closedPort(), await silentPort(t)]) {
    const times = { connectMs: 200, silenceMs: 200 }
    const transport = await open(t, `smtp://127.0.0.1:${port}`, times)
    const outcome = await transport.send(letter())
    assert.equal(outcome.kind === 'deferred' && outcome.isServer, true, JSON.stringify(outcome))
  }
})

test('a letter of two megabytes goes through, and the envelope may have a sender of its own', async (t) => {
  const smtp = await openTestSmtp(t)
  const transport = await open(t, `smtp://127.0.0.1:${smtp.port}?from=bounce%40example.com`)
  const html = `<p>${'äöü '.repeat(250_000)}</p>`
  assert.equal((await transport.send(letter({ html }))).kind, 'taken')
  assert.equal(smtp.received[0]?.from, 'bounce@example.com')
  assert.match(smtp.received[0]?.source ?? '', /^From: Acme <acme@example\.com>/m)
})

test('what is wrong with the URL is said without its password', () => {
  const wrong = [
    'http://mail.example.com',
    'smtp://',
    'mail.example.com:25',
    'smtp://u:secret@h?tls=1',
    'smtp://u:secret@h?requireTls=yes',
    'smtp://u:secret@h?from=nobody',
    'smtp://u:secret%E0%A4@h',
  ]
  for (const text of wrong) {
    const read = readSmtpUrl(text)
    assert.equal(read.kind, 'wrong', text)
    assert.doesNotMatch(JSON.stringify(read), /secret/)
  }
  const requiresTls = (text: string) => {
    const read = readSmtpUrl(text)
    return read.kind === 'server' && read.server.requiresTls
  }
  assert.equal(
    requiresTls('smtp://u:p@mail.example.com'),
    true,
    'a password is not sent in the clear',
  )
  assert.equal(requiresTls('smtp://u:p@mail.example.com?requireTls=false'), false)
  assert.equal(requiresTls('smtp://u:p@127.0.0.1'), false)
  assert.equal(requiresTls('smtp://mail.example.com'), false)
  const read = readSmtpUrl('smtps://[::1]')
  assert.deepEqual(read.kind === 'server' && [read.server.host, read.server.port], ['::1', 465])
})

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Takes connections and never says a word. */
async function silentPort(t: TestContext): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
