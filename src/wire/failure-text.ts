/**
 * What an administrator reads when no answer came: the words Salesforce's Java shows, and in parentheses what may
 * mend it. `code` is Node's, OpenSSL's or undici's error code, or one of egress's own; an unknown code is shown as
 * it is.
 */
export function transportFailureText(code: string, host = '', missedCertificate = false): string {
  const text = textOf(code, host)
  return missedCertificate ? `${text} ${MISSED_CERTIFICATE}` : text
}

/** What a failure or a refusal says more when a listener was shown no client certificate that it asked for. */
export const MISSED_CERTIFICATE =
  '(the listener asked for a client certificate, and none is set for this outbound message)'

function textOf(code: string, host: string): string {
  if (code.startsWith('EGRESS_'))
    return `Endpoint not allowed by the egress rules (${code}): ${host}`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `${PEER_UNVERIFIED}: The domain name ${host} wasn't in the supported set of domain names in the certificate`
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') {
    return `java.net.UnknownHostException: ${host}`
  }
  if (code === 'DNS_TIMEOUT') {
    return `java.net.UnknownHostException: ${host} (its name servers did not answer in time)`
  }
  const untrusted = UNTRUSTED.get(code)
  if (untrusted !== undefined) return `${PKIX} (${untrusted})`
  const known = TEXTS.get(code)
  if (known !== undefined) return known
  const alert = /^ERR_SSL_.*_ALERT_(\w+)$/.exec(code)?.[1]?.toLowerCase()
  if (alert !== undefined) {
    const mend = ALERTS.get(alert)
    return `${HANDSHAKE}: Received fatal alert: ${alert}${mend === undefined ? '' : ` (${mend})`}`
  }
  if (/^ERR_(SSL|TLS)_|^EPROTO$|^CERT_/.test(code)) return `${HANDSHAKE}: ${code}`
  return `java.io.IOException: ${code}`
}

const PEER_UNVERIFIED = 'javax.net.ssl.SSLPeerUnverifiedException'
const HANDSHAKE = 'javax.net.ssl.SSLHandshakeException'

const PKIX =
  `${PEER_UNVERIFIED}: sun.security.validator.ValidatorException: PKIX path building failed: ` +
  'sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target'

const CHAIN =
  'the listener does not send the intermediate certificates of its chain, or the chain ends at an authority that is not trusted'

const UNTRUSTED: ReadonlyMap<string, string> = new Map([
  [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    "the listener's certificate signed itself: trust it with OBM_EXTRA_CA, or use one of an authority",
  ],
  [
    'SELF_SIGNED_CERT_IN_CHAIN',
    "the root of the listener's chain is not trusted: name it in OBM_EXTRA_CA if it is yours",
  ],
  ['UNABLE_TO_GET_ISSUER_CERT', CHAIN],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', CHAIN],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', CHAIN],
  ['CERT_UNTRUSTED', CHAIN],
])

/** What the listener said of the handshake, by TLS's name for it. */
const ALERTS: ReadonlyMap<string, string> = new Map([
  ['protocol_version', 'the listener has neither TLS 1.2 nor 1.3'],
  ['certificate_required', 'the listener asks for a client certificate'],
  ['unknown_ca', 'the listener does not know who signed our client certificate'],
  ['bad_certificate', 'the listener does not take our client certificate'],
  ['certificate_unknown', 'the listener does not take our client certificate'],
  ['certificate_expired', 'our client certificate has expired'],
  ['certificate_revoked', 'our client certificate was revoked'],
  ['access_denied', 'the listener does not let our client certificate in'],
  ['unrecognized_name', 'the listener has no certificate for that name'],
])

const READ_TIMED_OUT = 'java.net.SocketTimeoutException: Read timed out'
const CONNECT_TIMED_OUT = 'java.net.SocketTimeoutException: connect timed out'

const TEXTS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'java.net.ConnectException: Connection refused'],
  ['ETIMEDOUT', CONNECT_TIMED_OUT],
  ['CONNECT_TIMEOUT', CONNECT_TIMED_OUT],
  ['TLS_TIMEOUT', `${READ_TIMED_OUT} (the TLS handshake did not end)`],
  ['HEADERS_TIMEOUT', READ_TIMED_OUT],
  ['BODY_TIMEOUT', READ_TIMED_OUT],
  ['TOTAL_TIMEOUT', READ_TIMED_OUT],
  ['ECONNRESET', 'java.net.SocketException: Connection reset'],
  ['CLOSED_BY_PEER', 'java.net.SocketException: Unexpected end of file from server'],
  ['EPIPE', 'java.net.SocketException: Broken pipe'],
  ['EHOSTUNREACH', 'java.net.NoRouteToHostException: No route to host'],
  ['ENETUNREACH', 'java.net.SocketException: Network is unreachable'],
  ['CERT_HAS_EXPIRED', `${PEER_UNVERIFIED}: the certificate has expired`],
  ['CERT_NOT_YET_VALID', `${PEER_UNVERIFIED}: the certificate is not yet valid`],
  [
    'INVALID_PURPOSE',
    `${PEER_UNVERIFIED}: the certificate is not for servers (extended key usage)`,
  ],
  [
    'ERR_SSL_WRONG_VERSION_NUMBER',
    `${HANDSHAKE}: Unsupported or unrecognized SSL message (the listener speaks no TLS at this port)`,
  ],
  ['ANSWER_TOO_LARGE', 'java.io.IOException: the answer is too large'],
  [
    'BAD_PACKING',
    'java.util.zip.ZipException: the answer is not packed as its Content-Encoding says',
  ],
  ['BAD_ANSWER', 'org.apache.commons.httpclient.ProtocolException: the answer is no HTTP'],
])
