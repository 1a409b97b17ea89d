import { isAddressRange } from '../../../base/network/address-set.ts'
import { sha256Hex } from '../../../base/secrets/sha256-hex.ts'
import { readFingerprint } from '../../../base/tls/fingerprint.ts'
import {
  AUTHENTICATION_LIMITS,
  OPEN_ROUTE,
  type RouteAuthentication,
} from '../../../jobs/route-authentication.ts'
import { tryRecordId } from '../../../schema/record-id.ts'
import { type Fields, invalid, placeOf, readFields, readText, readTexts } from '../read-fields.ts'

const SETTING_DEFAULT = 'DataCloud_User_Credential__c'
const { pathSecret, pathSecretsMax, fingerprintsMax, idsMax, allowedIpsMax } = AUTHENTICATION_LIMITS

const KNOWN = [
  'pathSecret',
  'pathSecretCount', // of an answer; not read
  'allowedIps',
  'clientCertificate',
  'organizationIds',
  'actionIds',
  'classicSession',
]

/** Reads `authentication`, part by part: what is absent stays as it is, or is not asked for where nothing is set. */
export function readAuthentication(
  fields: Fields,
  set: RouteAuthentication | null,
): RouteAuthentication {
  const before = set ?? OPEN_ROUTE
  const value = fields.values.get('authentication')
  if (value === undefined) return before
  const authentication = readFields(value, 'authentication', KNOWN)
  return {
    pathSecretHashes: readPathSecrets(authentication, before.pathSecretHashes),
    allowedIps: readAllowedIps(authentication, before.allowedIps),
    clientCertificate: readClientCertificate(authentication, before.clientCertificate),
    organizationIds: readIdList(authentication, 'organizationIds', before.organizationIds),
    actionIds: readIdList(authentication, 'actionIds', before.actionIds),
    classicSession: readClassicSession(authentication, before.classicSession),
  }
}

/**
 * In clear here and never again. Absent keeps what is set, since an answer does not show it; null
 * removes it.
 */
function readPathSecrets(fields: Fields, before: readonly string[]): readonly string[] {
  const value = fields.values.get('pathSecret')
  if (value === undefined) return before
  if (value === null) return []
  const secrets: readonly unknown[] = Array.isArray(value) ? value : [value]
  const areSecrets = secrets.every((each) => typeof each === 'string' && pathSecret.test(each))
  if (areSecrets && secrets.length >= 1 && secrets.length <= pathSecretsMax) {
    return secrets.map((each) => sha256Hex(String(each)))
  }
  const expected = `a secret of 22 to 200 letters, digits, or . _ ~ - (or a list of up to ${pathSecretsMax})`
  throw invalid(placeOf(fields, 'pathSecret'), expected, 'something else') // it is not quoted
}

function readAllowedIps(fields: Fields, before: readonly string[]): readonly string[] {
  const limits = { countMax: allowedIpsMax, lengthMax: 50, fallback: null }
  const ranges = readTexts(fields, 'allowedIps', limits)
  if (ranges === null) return before
  const wrong = ranges.find((range) => !isAddressRange(range))
  if (wrong === undefined) return ranges
  const expected = 'addresses or ranges as 203.0.113.7, 10.1.0.0/16 or 2001:db8::/32'
  throw invalid(placeOf(fields, 'allowedIps'), expected, wrong)
}

/** Null asks for none; without fingerprints any will do that the operator's authorities signed. */
function readClientCertificate(
  fields: Fields,
  before: RouteAuthentication['clientCertificate'],
): RouteAuthentication['clientCertificate'] {
  const value = fields.values.get('clientCertificate')
  if (value === undefined) return before
  if (value === null) return null
  const part = readFields(value, placeOf(fields, 'clientCertificate'), ['fingerprints'])
  const limits = { countMax: fingerprintsMax, lengthMax: 20_000, fallback: [] }
  const fingerprints = readTexts(part, 'fingerprints', limits).map((text) => {
    const fingerprint = readFingerprint(text)
    if (fingerprint !== null) return fingerprint
    const expected = 'SHA-256 fingerprints of 64 hex digits, or certificates in PEM'
    throw invalid(placeOf(part, 'fingerprints'), expected, text)
  })
  return { fingerprints: [...new Set(fingerprints)] }
}

function readClassicSession(
  fields: Fields,
  before: RouteAuthentication['classicSession'],
): RouteAuthentication['classicSession'] {
  const value = fields.values.get('classicSession')
  if (value === undefined) return before
  if (value === null) return null
  const classic = readFields(value, placeOf(fields, 'classicSession'), [
    'allowedHosts',
    'settingName',
  ])
  const limits = { countMax: 100, lengthMax: 260, fallback: [] }
  const allowedHosts = readTexts(classic, 'allowedHosts', limits)
  const settingName = readText(classic, 'settingName', { lengthMax: 80, fallback: SETTING_DEFAULT })
  if (!/^\w+$/.test(settingName)) {
    throw invalid(placeOf(classic, 'settingName'), "a custom setting's API name", settingName)
  }
  if (allowedHosts.length === 0) {
    throw invalid(placeOf(classic, 'allowedHosts'), 'at least one host', allowedHosts)
  }
  return { allowedHosts, settingName }
}

function readIdList(fields: Fields, name: string, before: readonly string[]): readonly string[] {
  const texts = readTexts(fields, name, { countMax: idsMax, lengthMax: 18, fallback: null })
  if (texts === null) return before
  return texts.map((text) => {
    const id = tryRecordId(text)
    if (id !== null) return id
    throw invalid(placeOf(fields, name), 'ids of 15 or 18 characters', text)
  })
}
