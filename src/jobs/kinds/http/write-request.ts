import type { JobMessage } from '../../job-run.ts'
import type { HttpFormat } from '../job-kind.ts'
import { attributesOf, binaryHeaders, type Event, structuredEvent } from './cloud-event.ts'

/** What is posted, without what signs it. */
export type RequestContent = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a request is made of. `json` is the message as the text of one JSON value. */
export type RequestFacts = Event & {
  readonly message: JobMessage | null
  readonly json: string
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** Puts a run's message into a request, in one of the four formats. Pure. */
export function writeRequest(format: HttpFormat, facts: RequestFacts): RequestContent {
  const { message, json } = facts
  switch (format) {
    case 'xml':
      return {
        headers: { 'content-type': 'application/xml; charset=utf-8' },
        body: message?.body ?? '',
      }
    case 'json':
      return { headers: JSON_TYPE, body: json }
    case 'cloudevents-structured':
      return {
        headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
        body: structuredEvent(attributesOf(facts, message), json),
      }
    case 'cloudevents-binary':
      return {
        headers: { ...JSON_TYPE, ...binaryHeaders(attributesOf(facts, message)) },
        body: json,
      }
  }
}
