import { isAddressRange } from '../base/network/address-set.ts'
import { readFingerprint } from '../base/tls/fingerprint.ts'
import type { WhenInactive } from '../jobs/job-config.ts'
import { AUTHENTICATION_LIMITS, type RouteAuthentication } from '../jobs/route-authentication.ts'
import { tryRecordId } from '../schema/record-id.ts'
import type { ConfigReader } from './config-reader.ts'

/** `authentication` of a job config as `obm.config.json` says it: path secrets still in clear. */
export type ConfiguredAuthentication = Omit<RouteAuthentication, 'pathSecretHashes'> & {
  readonly pathSecrets: readonly string[]
}

/** Reads how a job config's route knows who is sending. `{self}` in a host stays as it is. */
export function readAuthentication(said: ConfigReader): ConfiguredAuthentication {
  const classic = said.optionalPart('classicSession')
  const certificate = said.optionalPart('clientCertificate')
  return {
    pathSecrets: readPathSecrets(said),
    allowedIps: checked(said, 'allowedIps', {
      expected: 'addresses or ranges as 203.0.113.7, 10.1.0.0/16 or 2001:db8::/32',
      read: (text) => (isAddressRange(text) ? text : null),
    }),
    clientCertificate: certificate && {
      fingerprints: checked(certificate, 'fingerprints', {
        expected: 'SHA-256 fingerprints of 64 hex digits, or certificates in PEM',
        read: readFingerprint,
      }),
    },
    organizationIds: readIds(said, 'organizationIds'),
    actionIds: readIds(said, 'actionIds'),
    classicSession: classic && {
      allowedHosts: classic.list('allowedHosts'),
      settingName: classic.text('setting', 'DataCloud_User_Credential__c'),
    },
  }
}

/** Reads `whenInactive` of a job config. */
export function readWhenInactive(job: ConfigReader): WhenInactive {
  const said = job.text('whenInactive', 'hold')
  if (said === 'hold' || said === 'reject') return said
  throw job.mistake('whenInactive', '"hold" or "reject"', said)
}

function readPathSecrets(said: ConfigReader): readonly string[] {
  const secrets = said.list('pathSecrets')
  const { pathSecret, pathSecretsMax } = AUTHENTICATION_LIMITS
  if (secrets.length <= pathSecretsMax && secrets.every((each) => pathSecret.test(each))) {
    return secrets
  }
  const expected = `up to ${pathSecretsMax} secrets of 22 to 200 letters, digits, or . _ ~ -`
  throw said.mistake('pathSecrets', expected, 'something else') // it is not quoted
}

function readIds(said: ConfigReader, name: string): readonly string[] {
  return checked(said, name, { expected: 'ids of 15 or 18 characters', read: tryRecordId })
}

function checked(
  said: ConfigReader,
  name: string,
  { expected, read }: { readonly expected: string; readonly read: (text: string) => string | null },
): readonly string[] {
  return said.list(name).map((text) => {
    const value = read(text)
    if (value !== null) return value
    throw said.mistake(name, expected, text)
  })
}
