// The message that every peer sends, and the tables that its database holds.
import { text } from '../../src/schema/define-field.ts'
import { KEY_PREFIX, makeRecordId } from '../../src/schema/record-id.ts'
import { compileEnvelopeWriter } from '../../src/wire/write-envelope.ts'
import { recordValues } from '../support/bench-project.ts'

/** Columns of a record, all of them text: what OBM's object has. */
export const COLUMNS = Object.keys(recordValues(1))

export const OBJECT = 'Plain__c'
export const FIELDS = COLUMNS.map((name) => text(name, 255))

export const HEAD = {
  organizationId: makeRecordId(KEY_PREFIX.organization, 1),
  actionId: makeRecordId(KEY_PREFIX.outboundMessage, 1),
  sessionId: null,
  enterpriseUrl: 'https://example.my.salesforce.com/services/Soap/c/60.0/00D000000000001',
  partnerUrl: 'https://example.my.salesforce.com/services/Soap/u/60.0/00D000000000001',
}

let serial = 0

export function notificationId() {
  serial += 1
  return makeRecordId(KEY_PREFIX.notification, serial)
}

export function recordId(index) {
  return makeRecordId('a00', index)
}

/** The values of a record as text. */
export function valuesOf(index) {
  const entries = Object.entries(recordValues(index))
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/** OBM's own writer: what is compared is queue and delivery, not how text is put together. */
export const writeEnvelope = compileEnvelopeWriter({ objectName: OBJECT, fields: FIELDS })
