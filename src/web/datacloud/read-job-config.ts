import { sha256Hex } from '../../jobs/datacloud-users.ts'
import type { JobConfig, JobKind, RouteAuthentication } from '../../jobs/job-config.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import {
  type Fields,
  invalid,
  placeOf,
  readBoolean,
  readFields,
  readInteger,
  readRequiredText,
  readText,
  readTexts,
} from './read-fields.ts'

const NAME_MAX = 255
const DESCRIPTION_MAX = 4_000
const ARGUMENT_MAX = 8_192
const ARGUMENTS_MAX = 100
const TIMEOUT_DEFAULT_MS = 600_000
const TIMEOUT_MAX_MS = 86_400_000
const ATTEMPTS_DEFAULT = 5
const ATTEMPTS_MAX = 50
const MESSAGE_NAME_DEFAULT = 'msg1' // what DataCloud's own console uses

const SETTING_DEFAULT = 'DataCloud_User_Credential__c'

/** At least 128 bits, if it is random; and nothing that a URL would encode. */
const PATH_SECRET = /^[A-Za-z0-9._~-]{22,200}$/
const PATH_SECRETS_MAX = 2 // the old and the new one, while they change

/** Fields of an answer that a request may send back unchanged; they are not read. */
const READ_ONLY = ['id', 'source', 'endpoint']

const KNOWN = [
  'name',
  'description',
  'active',
  'job',
  'runtimeConfig',
  'attemptsMax',
  'authentication',
  ...READ_ONLY,
]

/**
 * Reads a job config as the API takes it. What is absent is as in `before`, or the default where there is
 * none; of the secrets only hashes are kept. Throws `ApiError` 400.
 */
export function readJobConfig(
  body: unknown,
  jobConfigId: string,
  before: JobConfig | null,
): JobConfig {
  const fields = readFields(body, '', KNOWN)
  return {
    jobConfigId,
    name: before
      ? readText(fields, 'name', { lengthMax: NAME_MAX, fallback: before.name })
      : readRequiredText(fields, 'name', NAME_MAX),
    description: readDescription(fields, before?.description ?? null),
    isActive: readBoolean(fields, 'active', before?.isActive ?? true),
    job: readJob(fields, before?.job ?? null),
    authentication: readAuthentication(fields, before?.authentication ?? OPEN),
    messageName: readMessageName(fields, before?.messageName ?? MESSAGE_NAME_DEFAULT),
    attemptsMax: readInteger(fields, 'attemptsMax', {
      min: 1,
      max: ATTEMPTS_MAX,
      fallback: before?.attemptsMax ?? ATTEMPTS_DEFAULT,
    }),
    source: 'api',
  }
}

const OPEN: RouteAuthentication = {
  pathSecretHashes: [],
  classicSession: null,
  organizationIds: [],
}

function readDescription(fields: Fields, before: string | null): string | null {
  if (fields.values.get('description') === null) return null
  return readText(fields, 'description', { lengthMax: DESCRIPTION_MAX, fallback: before })
}

function readJob(fields: Fields, before: JobKind | null): JobKind {
  const value = fields.values.get('job')
  if (value === undefined && before) return before
  const job = readFields(value, 'job', ['kind', 'command', 'workingFolder', 'timeoutMs'])
  if (job.values.get('kind') !== 'command') {
    throw invalid('job.kind', '"command"', job.values.get('kind'))
  }
  const limits = { countMax: ARGUMENTS_MAX, lengthMax: ARGUMENT_MAX, fallback: [] }
  const command = readTexts(job, 'command', limits)
  if (command.length === 0) throw invalid('job.command', 'a program and its arguments', command)
  const hasFolder = job.values.get('workingFolder') !== null
  return {
    kind: 'command',
    command,
    workingFolder: hasFolder
      ? readText(job, 'workingFolder', { lengthMax: ARGUMENT_MAX, fallback: null })
      : null,
    timeoutMs: readInteger(job, 'timeoutMs', {
      min: 1,
      max: TIMEOUT_MAX_MS,
      fallback: TIMEOUT_DEFAULT_MS,
    }),
  }
}

/** `runtimeConfig.inMessages[0].name`, where DataCloud has it. */
function readMessageName(fields: Fields, before: string): string {
  const value = fields.values.get('runtimeConfig')
  if (value === undefined) return before
  const messages = readFields(value, 'runtimeConfig', ['inMessages']).values.get('inMessages')
  if (messages === undefined) return before
  if (!Array.isArray(messages) || messages.length !== 1) {
    throw invalid('runtimeConfig.inMessages', 'a list of one message', messages)
  }
  const message = readFields(messages[0], 'runtimeConfig.inMessages[0]', ['name'])
  return readRequiredText(message, 'name', NAME_MAX)
}

function readAuthentication(fields: Fields, before: RouteAuthentication): RouteAuthentication {
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
