import { hostOf, isLoopback, isPortSentTo, URL_LENGTH_MAX } from '../base/endpoint-url.ts'
import { maskUrl } from '../base/secrets/mask-url.ts'
import {
  fieldOf,
  isPersonName,
  type ObjectDefinition,
  UNSENDABLE_TYPES,
} from '../schema/object-definition.ts'
import type { OutboundMessage } from './outbound-message.ts'

export type OutboundMessageCode =
  | 'ENDPOINT_INVALID' // no http or https URL, or one that is too long
  | 'ENDPOINT_PORT' // none that Salesforce sends to
  | 'ENDPOINT_CREDENTIALS' // user name or password in the URL
  | 'SESSION_NEEDS_HTTPS'
  | 'API_VERSION_INVALID'
  | 'FIELD_UNKNOWN'
  | 'FIELD_NOT_SENDABLE' // compound, base64 or encrypted
  | 'USER_TO_SEND_AS_MISSING'
  | 'USER_TO_SEND_AS_INACTIVE'

/** What is wrong with an outbound message, in a sentence that says what was expected and found. */
export type OutboundMessageProblem = {
  readonly code: OutboundMessageCode
  readonly message: string
  /** It cannot be sent as it says, whatever happens around it. Setup refuses the others too. */
  readonly isFatal: boolean
}

/** What the check knows of the world around the definition. */
export type MessageFacts = {
  /** Undefined: nothing is known of it, and fields are not checked. */
  readonly object: ObjectDefinition | undefined
  readonly user: 'active' | 'inactive' | 'missing' | 'unknown'
  /** The operator lets requests go to any port of the host. */
  readonly allowsAnyPort: (host: string) => boolean
}

/** Tells all that keeps an outbound message from being sent as it says: what Setup and a deploy refuse. */
export function checkOutboundMessage(
  message: OutboundMessage,
  facts: MessageFacts,
): readonly OutboundMessageProblem[] {
  const { object } = facts
  return [
    ...(object ? message.fields.flatMap((name) => fieldProblem(name, object) ?? []) : []),
    ...versionProblems(message),
    ...endpointProblems(message, facts),
    ...userProblems(message, facts),
  ]
}

function fieldProblem(name: string, object: ObjectDefinition): OutboundMessageProblem | null {
  const field = fieldOf(object, name)
  // Only a part of an org may be known here: the message goes without the field.
  if (!field) return warning('FIELD_UNKNOWN', `${object.name} has no field ${name}`)
  const isName = isPersonName(object, field)
  if (!UNSENDABLE_TYPES.has(field.type) && !isName) return null
  const kind = isName ? 'compound' : field.type
  return fatal(
    'FIELD_NOT_SENDABLE',
    `an outbound message cannot carry ${name} (${kind}): send its parts, or a formula field`,
  )
}

/** Salesforce: 8.0, and 18.0 and later. */
function versionProblems({ apiVersion }: OutboundMessage): readonly OutboundMessageProblem[] {
  const isWritten = /^\d{1,3}\.0$/.test(apiVersion)
  if (isWritten && (apiVersion === '8.0' || Number(apiVersion) >= 18)) return []
  const expected = `expected an API version of 8.0, or 18.0 and later, found "${apiVersion}"`
  return [warning('API_VERSION_INVALID', expected)]
}

function endpointProblems(
  { endpointUrl, includeSessionId }: OutboundMessage,
  { allowsAnyPort }: MessageFacts,
): readonly OutboundMessageProblem[] {
  if (endpointUrl.length > URL_LENGTH_MAX) {
    const found = `${endpointUrl.length}`
    return [
      fatal('ENDPOINT_INVALID', `expected ${URL_LENGTH_MAX} characters at most, found ${found}`),
    ]
  }
  const url = URL.parse(endpointUrl)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    // What stands before an @ may be a password.
    const found = url?.host ? `${url.protocol}//` : `"${maskUrl(endpointUrl)}"`
    return [fatal('ENDPOINT_INVALID', `expected an http or https URL, found ${found}`)]
  }
  const problems: OutboundMessageProblem[] = []
  if (!isPortSentTo(url) && !allowsAnyPort(hostOf(url))) {
    const usual = url.protocol === 'http:' ? 80 : 443
    const expected = `Salesforce sends to port ${usual} or to 1024 and above, found ${url.port}`
    problems.push(fatal('ENDPOINT_PORT', expected))
  }
  if (url.username !== '' || url.password !== '') {
    const advice =
      'the URL has a user name or password, which all who see the definition can read: ' +
      'Salesforce documents none; put a secret in the path, or show a client certificate'
    problems.push(warning('ENDPOINT_CREDENTIALS', advice))
  }
  if (includeSessionId && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    const needed = `a session id is sent over https only: change ${url.protocol}//${url.host}`
    problems.push(warning('SESSION_NEEDS_HTTPS', needed))
  }
  return problems
}

/** No fatal ones: users come and go, and what waits meanwhile is tried again. */
function userProblems(
  { integrationUser }: OutboundMessage,
  { user }: MessageFacts,
): readonly OutboundMessageProblem[] {
  if (integrationUser === '') {
    return [warning('USER_TO_SEND_AS_MISSING', 'expected a user to send as, found none')]
  }
  const mend = 'nothing is sent until there is an active user of that name, or another is named'
  if (user === 'missing') {
    return [warning('USER_TO_SEND_AS_MISSING', `there is no user ${integrationUser}: ${mend}`)]
  }
  if (user === 'inactive') {
    return [warning('USER_TO_SEND_AS_INACTIVE', `the user ${integrationUser} is inactive: ${mend}`)]
  }
  return []
}

function fatal(code: OutboundMessageCode, message: string): OutboundMessageProblem {
  return { code, message, isFatal: true }
}

function warning(code: OutboundMessageCode, message: string): OutboundMessageProblem {
  return { code, message, isFatal: false }
}
