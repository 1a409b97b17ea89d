import type { OutboundMessage } from '../../outbox/outbound-message.ts'
import { fieldOf, type ObjectDefinition } from '../../schema/object-definition.ts'
import type { Report } from '../problem.ts'
import type { Project } from '../project.ts'
import { indexObjects, isPersonName } from './object-index.ts'

const UNSENDABLE_TYPES: ReadonlySet<string> = new Set([
  'address',
  'location',
  'base64',
  'encryptedstring',
])

/** Tells what keeps outbound messages from being sent as they say. */
export function checkOutboundMessages(project: Project, report: Report): void {
  const objectNamed = indexObjects(project.objects)
  for (const message of project.outboundMessages) {
    const object = objectNamed(message.objectName)
    if (object) checkFields(message, object, report)
    checkApiVersion(message, report)
    checkEndpoint(message, report)
  }
}

function checkFields(message: OutboundMessage, object: ObjectDefinition, report: Report): void {
  const { fullName, place } = message
  for (const name of message.fields) {
    const field = fieldOf(object, name)
    if (!field) {
      report(place, 'FIELD_UNKNOWN', `${fullName}: ${object.name} has no field ${name}`)
    } else if (UNSENDABLE_TYPES.has(field.type) || isPersonName(object, field)) {
      const kind = isPersonName(object, field) ? 'compound' : field.type
      const why = `an outbound message cannot carry ${name} (${kind}): send its parts, or a formula field`
      report(place, 'FIELD_NOT_SENDABLE', `${fullName}: ${why}`)
    }
  }
}

/** Salesforce: 8.0, and 18.0 and later. */
function checkApiVersion({ fullName, apiVersion, place }: OutboundMessage, report: Report): void {
  const isWritten = /^\d{1,3}\.0$/.test(apiVersion)
  if (isWritten && (apiVersion === '8.0' || Number(apiVersion) >= 18)) return
  const message = `${fullName}: expected an API version of 8.0, or 18.0 and later, found "${apiVersion}"`
  report(place, 'API_VERSION_INVALID', message)
}

function checkEndpoint(message: OutboundMessage, report: Report): void {
  const { fullName, endpointUrl, place } = message
  const url = URL.parse(endpointUrl)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    const found = `expected an http or https URL, found "${endpointUrl}"`
    report(place, 'ENDPOINT_INVALID', `${fullName}: ${found}`)
    return
  }
  const usual = url.protocol === 'http:' ? 80 : 443
  const port = url.port === '' ? usual : Number(url.port)
  if (port !== usual && port < 1024) {
    const expected = `Salesforce sends to port ${usual} or to 1024 and above, found ${port}`
    report(place, 'ENDPOINT_PORT', `${fullName}: ${expected}`)
  }
  if (message.includeSessionId && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    const needed = `a session id is sent over https only: change ${url.protocol}//${url.host}`
    report(place, 'SESSION_NEEDS_HTTPS', `${fullName}: ${needed}`)
  }
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}
