import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from './config.ts'
import { readReceiver, SHARED_RECEIVER } from './receiver-config.ts'

test('without variables the endpoint shares the port of the rest, and believes nobody’s headers', () => {
  assert.deepEqual(readReceiver({}), SHARED_RECEIVER)
  assert.deepEqual(
    readReceiver({ OBM_RECEIVER_PORT: '', OBM_RECEIVER_PROXIES: ' ' }),
    SHARED_RECEIVER,
  )
})

test('port, host, certificate, authorities, proxies, header and queue are read', () => {
  assert.deepEqual(
    readReceiver({
      OBM_RECEIVER_PORT: '8443',
      OBM_RECEIVER_HOST: '0.0.0.0',
      OBM_RECEIVER_CERT_FILE: '/etc/obm/receiver.pem',
      OBM_RECEIVER_KEY_FILE: '/etc/obm/receiver.key',
      OBM_RECEIVER_KEY_PASSPHRASE_FILE: '/etc/obm/receiver.pass',
      OBM_RECEIVER_CLIENT_CA: '/etc/obm/a.pem, /etc/obm/b.pem',
      OBM_RECEIVER_PROXIES: '10.0.3.7, 10.0.4.0/24',
      OBM_RECEIVER_CLIENT_CERT_HEADER: ' X-Client-Cert ',
      OBM_RECEIVER_QUEUE_MAX: '500',
    }),
    {
      port: 8443,
      host: '0.0.0.0',
      tlsFiles: {
        certificate: {
          certFile: '/etc/obm/receiver.pem',
          keyFile: '/etc/obm/receiver.key',
          passphraseFile: '/etc/obm/receiver.pass',
        },
        clientCa: ['/etc/obm/a.pem', '/etc/obm/b.pem'],
      },
      proxies: ['10.0.3.7', '10.0.4.0/24'],
      certificateHeader: 'x-client-cert',
      queueMax: 500,
    },
  )
})

test('a variable that says nothing without another one, or nothing that can be read, is named', () => {
  const cert = { OBM_RECEIVER_CERT_FILE: 'c.pem', OBM_RECEIVER_KEY_FILE: 'c.key' }
  const proxies = { OBM_RECEIVER_PROXIES: '10.0.3.7' }
  const cases: readonly (readonly [NodeJS.ProcessEnv, RegExp])[] = [
    [{ OBM_RECEIVER_PORT: '70000' }, /^OBM_RECEIVER_PORT: expected a port/],
    [{ OBM_RECEIVER_HOST: '::' }, /^OBM_RECEIVER_HOST: expected OBM_RECEIVER_PORT/],
    [cert, /^OBM_RECEIVER_CERT_FILE: expected OBM_RECEIVER_PORT/],
    [
      { OBM_RECEIVER_CERT_FILE: 'c' },
      /^OBM_RECEIVER_CERT_FILE: expected OBM_RECEIVER_CERT_FILE and/,
    ],
    [{ OBM_RECEIVER_KEY_FILE: 'c' }, /^OBM_RECEIVER_KEY_FILE: expected/],
    [{ OBM_RECEIVER_PORT: '1', OBM_RECEIVER_CLIENT_CA: 'c' }, /^OBM_RECEIVER_CLIENT_CA: expected/],
    [{ OBM_RECEIVER_PROXIES: 'proxy.example' }, /^OBM_RECEIVER_PROXIES: .* found "proxy.example"/],
    [{ OBM_RECEIVER_PROXIES: '10.0.0.0/40' }, /^OBM_RECEIVER_PROXIES: /],
    [
      { OBM_RECEIVER_CLIENT_CERT_HEADER: 'X-A' },
      /^OBM_RECEIVER_CLIENT_CERT_HEADER: expected the proxies/,
    ],
    [{ ...proxies, OBM_RECEIVER_CLIENT_CERT_HEADER: 'Host' }, /^OBM_RECEIVER_CLIENT_CERT_HEADER: /],
    [{ ...proxies, OBM_RECEIVER_CLIENT_CERT_HEADER: 'a b' }, /^OBM_RECEIVER_CLIENT_CERT_HEADER: /],
    [{ OBM_RECEIVER_QUEUE_MAX: '0' }, /^OBM_RECEIVER_QUEUE_MAX: expected a whole number/],
    [{ OBM_RECEIVER_QUEUE_MAX: '1e3' }, /^OBM_RECEIVER_QUEUE_MAX: /],
  ]
  for (const [env, message] of cases) {
    assert.throws(
      () => readReceiver(env),
      (error) => error instanceof ConfigError && message.test(error.message),
      JSON.stringify(env),
    )
  }
})
