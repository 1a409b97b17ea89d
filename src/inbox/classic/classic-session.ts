import { createHash } from 'node:crypto'
import { type Clock, SECOND_MS } from '../../base/clock.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Http } from '../../egress/post.ts'
import type { JobConfig } from '../../jobs/job-config.ts'
import type { RouteAuthentication } from '../../jobs/route-authentication.ts'
import { isAllowed } from '../../jobs/users/datacloud-user.ts'
import {
  type DataCloudLogin,
  type LoginAnswer,
  openDataCloudLogin,
} from '../../jobs/users/login.ts'
import type { UserStore } from '../../jobs/users/user-store.ts'
import { tryRecordId } from '../../schema/record-id.ts'
import type { Envelope } from '../../wire/envelope.ts'
import { type Authentication, fromStore, type Rejection, rejected } from '../rejection.ts'
import { callbackUrlOf } from './callback-url.ts'
import { openPartnerClient, type PartnerAnswer } from './partner-client.ts'
import { credentialOf, credentialQuery } from './pick-credential.ts'
import { openVerdictMemory } from './verdict-memory.ts'

/** All calls to the org together; Salesforce gives up on us after 20 s. */
const BUDGET_MS = 10 * SECOND_MS

type ClassicSetup = NonNullable<RouteAuthentication['classicSession']>

export type ClassicSession = (config: JobConfig, envelope: Envelope) => Promise<Authentication>

type ClassicPorts = {
  readonly http: Pick<Http, 'request'>
  readonly store: Pick<UserStore, 'readUser'>
  readonly clock: Clock
  readonly budgetMs?: number
}

/**
 * Actian's recipe: call the org back with the message's session id, read the DataCloud user name and
 * password from its custom setting, log in with them. The session id is shown to an allowed host only,
 * kept as a hash only, and never logged.
 */
export function openClassicSession(ports: ClassicPorts): ClassicSession {
  const remember = openVerdictMemory(ports.clock)
  const logIn = openDataCloudLogin(ports)

  return async (config, envelope) => {
    const setup = config.authentication.classicSession
    if (!setup) return { kind: 'trusted' }
    const { sessionId } = envelope
    if (sessionId === null) return rejected('SESSION_ID_MISSING', SESSION_ID_MISSING)

    const callback = callbackUrlOf(envelope, setup.allowedHosts)
    if (callback.kind === 'not allowed') {
      return rejected('CALLBACK_HOST_NOT_ALLOWED', `${callback.reason}; nothing was called`)
    }
    const { url } = callback
    const key = keyOf([sessionId, config.jobConfigId, url, JSON.stringify(setup)])
    return remember(key, () =>
      check({ ...ports, logIn }, { config, setup, envelope, url, sessionId }),
    )
  }
}

const SESSION_ID_MISSING =
  'the message has no session id: Salesforce removed session ids from outbound messages in February 2026. ' +
  'Choose another authentication for this job config, such as a path secret with a list of organisations'

/** The verdict depends on all of this, so all of it is in the key; the hash is all that is kept. */
function keyOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

async function check(
  { http, logIn, budgetMs = BUDGET_MS }: ClassicPorts & { readonly logIn: DataCloudLogin },
  ask: {
    readonly config: JobConfig
    readonly setup: ClassicSetup
    readonly envelope: Envelope
    readonly url: string
    readonly sessionId: string
  },
): Promise<Authentication> {
  const signal = AbortSignal.timeout(budgetMs)
  const client = openPartnerClient(http, { url: ask.url, sessionId: ask.sessionId, signal })

  const user = await client.getUserInfo()
  if (user.kind !== 'answered') return sessionRejection(user)
  if (tryRecordId(user.value.organizationId) !== ask.envelope.organizationId) {
    return rejected('SESSION_ID_INVALID', 'the session is of another organisation than the message')
  }

  const soql = credentialQuery(ask.setup.settingName, user.value)
  if (soql === null) return rejected('SETTING_MISSING', settingMissing(ask.setup.settingName))
  const found = await client.query(soql)
  if (found.kind !== 'answered') return settingRejection(found, ask.setup.settingName)
  const credential = credentialOf(found.value, user.value)
  if (!credential) return rejected('SETTING_MISSING', settingMissing(ask.setup.settingName))

  return judgeLogin(await fromStore(logIn(credential)), ask.config)
}

function judgeLogin(answer: LoginAnswer, config: JobConfig): Authentication {
  switch (answer.kind) {
    case 'wrong':
      return rejected(
        'LOGIN_FAILED',
        "DataCloud does not know the org's user name with that password",
      )
    case 'too many':
      return rejected(
        'LOGIN_RATE_EXCEEDED',
        "too many wrong passwords for the DataCloud user of the org's custom setting within a minute",
      )
    case 'inactive':
      return rejected('USER_INACTIVE', "the DataCloud user of the org's custom setting is inactive")
    case 'known':
      if (isAllowed(answer.user, 'execute', config.jobConfigId)) return { kind: 'trusted' }
      return rejected(
        'EXECUTE_NOT_ALLOWED',
        "the DataCloud user of the org's custom setting may not execute this job config",
      )
    default:
      return unreachable(answer)
  }
}

type Unsuccessful = Exclude<PartnerAnswer<never>, { kind: 'answered' }>

/** Faults that say that the org cannot answer now, not that it will not. */
const TRANSIENT_FAULTS =
  /^(SERVER_UNAVAILABLE|REQUEST_LIMIT_EXCEEDED|UNKNOWN_EXCEPTION|QUERY_TIMEOUT)$/

function sessionRejection(answer: Unsuccessful): Rejection {
  if (answer.kind !== 'fault' || TRANSIENT_FAULTS.test(answer.code)) return unavailable(answer)
  if (answer.code === 'INVALID_SESSION_ID') {
    return rejected('SESSION_ID_INVALID', 'the session has expired, or never was one of this org')
  }
  const reason = `the org refuses the session's user (${short(answer.code)}): does it have API access?`
  return rejected('SETTING_NOT_READABLE', reason)
}

function settingRejection(answer: Unsuccessful, settingName: string): Rejection {
  if (answer.kind !== 'fault' || TRANSIENT_FAULTS.test(answer.code)) return unavailable(answer)
  if (answer.code === 'INVALID_SESSION_ID') return sessionRejection(answer)
  const reason =
    `the session's user cannot read ${settingName} (${short(answer.code)}): ` +
    'there is no such custom setting with Username__c and Password__c, or the user may not read it'
  return rejected('SETTING_NOT_READABLE', reason)
}

function settingMissing(settingName: string): string {
  return `${settingName} has no row with Username__c and Password__c for the session's user, its profile or the organisation`
}

function unavailable(answer: Unsuccessful): Rejection {
  if (answer.kind === 'not allowed') {
    const reason = `this installation lets nothing out to the org: ${short(answer.reason)}`
    return rejected('CALLBACK_HOST_NOT_ALLOWED', reason)
  }
  const why = answer.kind === 'fault' ? short(answer.code) : short(answer.reason)
  return rejected('ORG_UNAVAILABLE', `the org could not be asked: ${why}`)
}

/** What another machine wrote, cut to what a log line should hold. */
function short(text: string): string {
  return text.slice(0, 200)
}
