import { JOB_STATUSES } from '../../../jobs/job-run.ts'
import { RIGHTS } from '../../../jobs/users/datacloud-user.ts'

const text = { type: 'string' }
const integer = { type: 'integer' }
const flag = { type: 'boolean' }
const textOrNull = { type: ['string', 'null'] }
const integerOrNull = { type: ['integer', 'null'] }
const instantOrNull = { type: ['string', 'null'], format: 'date-time' }
const listOf = (items: unknown) => ({ type: 'array', items })
const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const object = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
})

const pageOf = (name: string) =>
  object({
    totalRecords: integer,
    totalPages: integer,
    size: integer,
    pageNumber: integer,
    items: listOf(schema(name)),
    links: object({ prev: text, next: text }),
  })

const REFERENCE = object({ id: text, name: textOrNull, href: text })

const RUNTIME_CONFIG = object({
  inMessages: listOf(object({ name: text })),
  outMessageNames: listOf(text),
})

const AUTHENTICATION = {
  ...object({
    pathSecret: { description: 'one, or a list of two; null for none', writeOnly: true },
    pathSecretCount: { ...integer, readOnly: true },
    allowedIps: listOf(text),
    clientCertificate: { ...object({ fingerprints: listOf(text) }), type: ['object', 'null'] },
    organizationIds: listOf(text),
    actionIds: listOf(text),
    classicSession: {
      ...object({ allowedHosts: listOf(text), settingName: text }),
      type: ['object', 'null'],
    },
  }),
  description: 'how the endpoint knows who is sending: all that is set must hold',
}

const STATUS = { enum: JOB_STATUSES }

const JOB = {
  id: text,
  status: STATUS,
  href: text,
  jobConfig: REFERENCE,
  scheduled: instantOrNull,
  started: instantOrNull,
  finished: instantOrNull,
  duration: { ...integerOrNull, description: 'of the last attempt, in milliseconds' },
  returnCode: integerOrNull,
  submittedByUser: REFERENCE,
  stoppedByUser: { oneOf: [REFERENCE, { type: 'null' }] },
  attempts: integer,
  nextAttempt: instantOrNull,
  failureReason: textOrNull,
  replayOf: textOrNull,
  jobLog: object({ href: text }),
  runtimeConfig: object({ inMessages: listOf(schema('Message')) }),
  outMessages: listOf(schema('Message')),
}

const STOPPED = object({ id: text, status: STATUS })

/** The forms of what the API takes and gives, for `openapi.json`. */
export const SCHEMAS: Readonly<Record<string, unknown>> = {
  Refusal: object({ code: text, message: text }, ['code', 'message']),
  Credential: object({ username: text, password: text }, ['username', 'password']),
  RefreshToken: object({ refresh_token: text }, ['refresh_token']),
  Tokens: object({
    access_token: text,
    token_type: text,
    refresh_token: text,
    expires_in: { ...integer, description: 'seconds' },
  }),
  User: object({
    id: text,
    username: text,
    href: text,
    password: { ...text, writeOnly: true },
    active: flag,
    admin: flag,
    role: { enum: ['Admin', 'General User'] },
    permissions: listOf(
      object({
        resourceType: { const: 'jobconfigs' },
        allowed: listOf({ enum: [...RIGHTS, '*'] }),
        resourceIds: listOf({ ...text, description: 'ids of job configs, or *' }),
      }),
    ),
  }),
  Users: listOf(schema('User')),
  UserPage: pageOf('User'),
  NewPassword: object({ password: text, currentPassword: text }, ['password']),
  RecordIds: object({ recordIds: listOf(text) }),
  JobConfig: object({
    id: text,
    name: text,
    description: textOrNull,
    href: text,
    active: flag,
    whenInactive: { enum: ['hold', 'reject'] },
    routeState: { enum: ['active', 'hold', 'reject'], readOnly: true },
    job: { type: 'object', description: 'what a job runs: its kind and what that needs' },
    runtimeConfig: RUNTIME_CONFIG,
    attemptsMax: integer,
    authentication: AUTHENTICATION,
    endpoint: text,
    source: text,
  }),
  JobConfigs: listOf(schema('JobConfig')),
  JobConfigPage: pageOf('JobConfig'),
  JobRequest: object({
    runtimeConfig: object({
      inMessages: listOf(schema('Message')),
      outMessageNames: listOf(text),
    }),
  }),
  Submitted: object({
    id: text,
    status: STATUS,
    href: text,
    scheduled: instantOrNull,
    jobConfig: REFERENCE,
    submittedByUser: REFERENCE,
  }),
  Job: object(JOB),
  JobPage: pageOf('Job'),
  Ids: listOf(text),
  Stopped: STOPPED,
  AllStopped: listOf(STOPPED),
  JobStats: object({
    ...Object.fromEntries(JOB_STATUSES.map((status) => [status.toLowerCase(), integer])),
    totalJobs: integer,
    totalDuration: { ...integer, description: 'milliseconds' },
    window: object({
      windowBegins: instantOrNull,
      windowEnds: instantOrNull,
      windowDuration: integerOrNull,
    }),
  }),
  Message: object({
    name: text,
    body: text,
    properties: listOf(object({ key: text, value: text })),
    href: text,
  }),
  MessagePage: pageOf('Message'),
  MessageRefusal: object({
    code: text,
    first: instantOrNull,
    last: instantOrNull,
    count: integer,
    reason: text,
    remoteAddress: textOrNull,
    organizationId: textOrNull,
    actionId: textOrNull,
    sample: { ...textOrNull, description: 'how a body began that could not be read' },
  }),
  MessageRefusalPage: pageOf('MessageRefusal'),
  OpenApi: { type: 'object' },
}
