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
    [
      'DNS_TIMEOUT',
      /^java\.net\.UnknownHostException: listener\.example\.com \(its name servers did not answer/,
    ],
    ['TLS_TIMEOUT', /^java\.net\.SocketTimeoutException: Read timed out \(the TLS handshake/],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      /SSLPeerUnverifiedException: .*PKIX path building failed.*OBM_EXTRA_CA/,
    ],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /PKIX path building failed.*signed itself/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /PKIX path building failed.*intermediate/],
    ['CERT_HAS_EXPIRED', /the certificate has expired$/],
    ['CERT_NOT_YET_VALID', /the certificate is not yet valid$/],
    ['INVALID_PURPOSE', /not for servers/],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      /domain name listener\.example\.com wasn't in the supported set/,
    ],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /^javax\.net\.ssl\.SSLHandshakeException: .*speaks no TLS/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /fatal alert: protocol_version \(.*neither TLS 1\.2/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /fatal alert: certificate_required \(/],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', /fatal alert: unknown_ca \(/],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', /fatal alert: handshake_failure$/],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', /^javax\.net\.ssl\.SSLHandshakeException: ERR_SSL_UNS/],
    ['EGRESS_ADDRESS_DENIED', /egress rules \(EGRESS_ADDRESS_DENIED\)/],
    ['ESOMETHINGNEW', /^java\.io\.IOException: ESOMETHINGNEW$/],
  ]
  for (const [code, text] of texts) assert.match(transportFailureText(code, host), text)
})

test('a failure says when the listener asked for a client certificate and was shown none', () => {
  assert.match(
    transportFailureText('ECONNRESET', 'listener.example.com', true),
    /^java\.net\.SocketException: Connection reset \(the listener asked for a client certificate, and none/,
  )
})
