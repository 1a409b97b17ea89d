import type { Instant } from '../base/clock.ts'
import type { Fingerprint } from '../base/tls/fingerprint.ts'

/** Who is at the other end of a request, as far as the connection, or a proxy that we know, tells. */
export type Peer = {
  /** The sender's address; null where the proxy did not tell it in a way that can be trusted. */
  readonly address: string | null
  /** The proxy that handed the request on, if the operator named it. */
  readonly proxyAddress: string | null
  readonly certificate: PeerCertificate
}

/** The certificate that the sender has shown, and has the key of. */
export type PeerCertificate =
  | { readonly kind: 'none' }
  /** The proxy's header is there twice, or says nothing that can be read. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | {
      readonly kind: 'shown'
      /** Of the certificate, then of its public key; the second lacks where a proxy tells a fingerprint alone. */
      readonly fingerprints: readonly Fingerprint[]
      /** Null where a proxy tells a fingerprint alone: it has looked at them. */
      readonly dates: { readonly from: Instant; readonly to: Instant } | null
      readonly authority: PeerAuthority
    }

/** Who signed the certificate. */
export type PeerAuthority =
  | { readonly kind: 'trusted' } // an authority that the operator named
  | { readonly kind: 'untrusted'; readonly reason: string } // another one
  | { readonly kind: 'unchecked' } // the operator named none, or a proxy shows the certificate
