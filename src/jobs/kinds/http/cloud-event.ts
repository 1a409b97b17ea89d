import type { Instant } from '../../../base/clock.ts'
import type { JobMessage } from '../../job-run.ts'

/** What a CloudEvent says of a run besides its message. */
export type Event = {
  readonly runId: string
  readonly jobConfigId: string
  readonly queuedAt: Instant
  readonly eventType: string
}

/** CloudEvents attributes by name, in the order they are written. */
type Attributes = Readonly<Record<string, string>>

/** Extension attributes, by the message's property that they repeat: what a broker routes and orders by. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  OrganizationId: 'organizationid',
  ActionId: 'actionid',
  NotificationId: 'notificationid',
  ObjectType: 'objecttype',
  RecordId: 'partitionkey', // of CloudEvents' own extension: a record's events belong together
}

/** What an attribute may hold without doubt; a property that a person made up may be anything. */
const PLAIN = /^[\x21-\x7e]{1,255}$/

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/

/**
 * A run as a CloudEvent 1.0. Its id is the run's, so that a replay is an event of its own; its source is the outbound
 * message of the organisation, or the job config where a person started the run.
 */
export function attributesOf(event: Event, message: JobMessage | null): Attributes {
  const properties = message?.properties ?? {}
  const plain = (name: string) => {
    const value = properties[name]
    return value !== undefined && PLAIN.test(value) ? value : null
  }
  const [organization, action, record] = ['OrganizationId', 'ActionId', 'RecordId'].map(plain)
  const received = properties['ReceivedAt'] ?? ''
  const extensions = Object.entries(EXTENSIONS).flatMap(([property, name]) => {
    const value = plain(property)
    return value === null ? [] : [[name, value] as const]
  })
  return {
    specversion: '1.0',
    id: event.runId,
    source:
      organization && action
        ? `/organizations/${encodeURIComponent(organization)}/outbound-messages/${encodeURIComponent(action)}`
        : `/v2/api/jobconfigs/${encodeURIComponent(event.jobConfigId)}`,
    type: event.eventType,
    ...(record && { subject: record }),
    time: TIMESTAMP.test(received) ? received : new Date(event.queuedAt).toISOString(),
    datacontenttype: 'application/json',
    ...Object.fromEntries(extensions),
  }
}

/** The event as one JSON object. `json` goes in as it is: numbers in it must not pass through ours. */
export function structuredEvent(attributes: Attributes, json: string): string {
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${json}}`
}

/** The attributes as headers, all but the content type, which is the request's own. */
export function binaryHeaders({ datacontenttype: _, ...attributes }: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name}`, headerValue(value)]),
  )
}

/** As CloudEvents' HTTP binding wants it: space, quote, percent and what is not ASCII percent-encoded. */
function headerValue(text: string): string {
  return text.replace(/[^\x21\x23\x24\x26-\x7e]+/gu, encodeURIComponent)
}
