import { sha256Hex } from '../../../jobs/datacloud-users.ts'
import type { RouteAuthentication } from '../../../jobs/job-config.ts'
import { tryRecordId } from '../../../schema/record-id.ts'
import { type Fields, invalid, placeOf, readFields, readText, readTexts } from '../read-fields.ts'

const SETTING_DEFAULT = 'DataCloud_User_Credential__c'

/** At least 128 bits, if it is random; and nothing that a URL would encode. */
const PATH_SECRET = /^[A-Za-z0-9._~-]{22,200}$/
const PATH_SECRETS_MAX = 2 // the old and the new one, while they change

const OPEN: RouteAuthentication = {
  pathSecretHashes: [],
  classicSession: null,
  organizationIds: [],
}

/** Reads `authentication`, part by part: what is absent stays as it is, or is not asked for where nothing is set. */
export function readAuthentication(
  fields: Fields,
  set: RouteAuthentication | null,
): RouteAuthentication {
  const before = set ?? OPEN
  const value = fields.values.get('authentication')
  if (value === undefined) return before
  const known = ['pathSecret', 'pathSecretCount', 'organizationIds', 'classicSession']
  const authentication = readFields(value, 'authentication', known)
  return {
    pathSecretHashes: readPathSecrets(authentication, before.pathSecretHashes),
    classicSession: readClassicSession(authentication, before.classicSession),
    organizationIds: readOrganizationIds(authentication, before.organizationIds),
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
  const areSecrets = secrets.every((each) => typeof each === 'string' && PATH_SECRET.test(each))
  if (areSecrets && secrets.length >= 1 && secrets.length <= PATH_SECRETS_MAX) {
    return secrets.map((each) => sha256Hex(String(each)))
  }
  const expected = `a secret of 22 to 200 letters, digits, or . _ ~ - (or a list of up to ${PATH_SECRETS_MAX})`
  throw invalid(placeOf(fields, 'pathSecret'), expected, 'something else') // it is not quoted
}

function readClassicSession(
  fields: Fields,
  before: RouteAuthentication['classicSession'],
): RouteAuthentication['classicSession'] {
  const value = fields.values.get('classicSession')
  if (value === undefined) return before
  if (value === null) return null
  const classic = readFields(value, 'authentication.classicSession', [
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

function readOrganizationIds(fields: Fields, before: readonly string[]): readonly string[] {
  const limits = { countMax: 1_000, lengthMax: 18, fallback: null }
  const texts = readTexts(fields, 'organizationIds', limits)
  if (texts === null) return before
  return texts.map((text) => {
    const id = tryRecordId(text)
    if (id !== null) return id
    throw invalid(placeOf(fields, 'organizationIds'), 'ids of 15 or 18 characters', text)
  })
}
