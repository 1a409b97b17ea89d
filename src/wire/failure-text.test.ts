import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transportFailureText } from './failure-text.ts'

test('network failures are told in the words that Salesforce administrators know', () => {
  const host = 'listener.example.com'
  const texts: readonly (readonly [string, RegExp])[] = [
    ['ENOTFOUND', /^java\.net\.UnknownHostException: listener\.example\.com$/],
    ['ECONNREFUSED', /^java\.net\.ConnectException: Connection refused$/],
    ['TOTAL_TIMEOUT', /^java\.net\.SocketTimeoutException: Read timed out$/],
    ['CONNECT_TIMEOUT', /^java\.net\.SocketTimeoutException: connect timed out$/],
    ['ECONNRESET', /^java\.net\.SocketException: Connection reset$/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /SSLPeerUnverifiedException: .*PKIX path building failed/],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      /domain name listener\.example\.com wasn't in the supported set/,
    ],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /^javax\.net\.ssl\.SSLHandshakeException: ERR_SSL_WRONG/],
    ['EGRESS_ADDRESS_DENIED', /egress rules \(EGRESS_ADDRESS_DENIED\)/],
    ['ESOMETHINGNEW', /^java\.io\.IOException: ESOMETHINGNEW$/],
  ]
  for (const [code, text] of texts) assert.match(transportFailureText(code, host), text)
})
