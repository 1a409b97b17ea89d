/** How a job config's route knows who is sending. All that is set must hold. */
export type RouteAuthentication = {
  /**
   * SHA-256 (hex) of secrets, any one of which must end the path `…/sfdc/obm/{secret}`; empty: none
   * asked.
   */
  readonly pathSecretHashes: readonly string[]
  /** Addresses and ranges that may send; empty: any. */
  readonly allowedIps: readonly string[]
  readonly clientCertificate: {
    /**
     * SHA-256 (hex) of certificates or of their public keys, any one of which the sender must show; empty: any
     * certificate that an authority of the operator's (OBM_RECEIVER_CLIENT_CA) signed.
     */
    readonly fingerprints: readonly string[]
  } | null
  /** Organisation ids (18) that may send; empty: any. */
  readonly organizationIds: readonly string[]
  /** Ids (18) of the outbound messages that may be sent; empty: any. */
  readonly actionIds: readonly string[]
  /**
   * Actian's recipe: log in with what the org's custom setting says, read with the message's
   * session id.
   */
  readonly classicSession: {
    /**
     * Hosts (`name` or `name:port`) that may be called back. `*.example.com` means any host below.
     */
    readonly allowedHosts: readonly string[]
    /** API name of the hierarchy custom setting. */
    readonly settingName: string
  } | null
}

/** Nothing is asked: whoever reaches the route may send. */
export const OPEN_ROUTE: RouteAuthentication = {
  pathSecretHashes: [],
  allowedIps: [],
  clientCertificate: null,
  organizationIds: [],
  actionIds: [],
  classicSession: null,
}

/** What the two places that read `authentication`, the API and `obm.config.json`, hold it to. */
export const AUTHENTICATION_LIMITS = {
  /** At least 128 bits, if it is random; and nothing that a URL would encode. */
  pathSecret: /^[A-Za-z0-9._~-]{22,200}$/,
  /** The old and the new one, while they change. */
  pathSecretsMax: 2,
  /** Of five organisations, each with the old and the new one. */
  fingerprintsMax: 10,
  idsMax: 1_000,
  allowedIpsMax: 500,
} as const
