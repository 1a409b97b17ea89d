/**
 * What an administrator reads when no answer came: the words Salesforce's Java shows. `code` is Node's,
 * OpenSSL's or undici's error code, or one of egress's own; an unknown code is shown as it is.
 */
export function transportFailureText(code: string, host = ''): string {
  if (code.startsWith('EGRESS_'))
    return `Endpoint not allowed by the egress rules (${code}): ${host}`
  if (UNTRUSTED.has(code)) return PKIX
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `${PEER_UNVERIFIED}: The domain name ${host} wasn't in the supported set of domain names in the certificate`
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') {
    return `java.net.UnknownHostException: ${host}`
  }
  const known = TEXTS.get(code)
  if (known !== undefined) return known
  if (/^ERR_(SSL|TLS)_|^EPROTO$|^CERT_/.test(code)) {
    return `javax.net.ssl.SSLHandshakeException: ${code}`
  }
  return `java.io.IOException: ${code}`
}

const PEER_UNVERIFIED = 'javax.net.ssl.SSLPeerUnverifiedException'

const PKIX =
  `${PEER_UNVERIFIED}: sun.security.validator.ValidatorException: PKIX path building failed: ` +
  'sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target'

const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])

const READ_TIMED_OUT = 'java.net.SocketTimeoutException: Read timed out'
const CONNECT_TIMED_OUT = 'java.net.SocketTimeoutException: connect timed out'

const TEXTS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'java.net.ConnectException: Connection refused'],
  ['ETIMEDOUT', CONNECT_TIMED_OUT],
  ['CONNECT_TIMEOUT', CONNECT_TIMED_OUT],
  ['HEADERS_TIMEOUT', READ_TIMED_OUT],
  ['BODY_TIMEOUT', READ_TIMED_OUT],
  ['TOTAL_TIMEOUT', READ_TIMED_OUT],
  ['ECONNRESET', 'java.net.SocketException: Connection reset'],
  ['CLOSED_BY_PEER', 'java.net.SocketException: Unexpected end of file from server'],
  ['EPIPE', 'java.net.SocketException: Broken pipe'],
  ['EHOSTUNREACH', 'java.net.NoRouteToHostException: No route to host'],
  ['ENETUNREACH', 'java.net.SocketException: Network is unreachable'],
  ['CERT_HAS_EXPIRED', `${PEER_UNVERIFIED}: the certificate has expired`],
  ['ANSWER_TOO_LARGE', 'java.io.IOException: the answer is too large'],
  ['BAD_ANSWER', 'org.apache.commons.httpclient.ProtocolException: the answer is no HTTP'],
])
