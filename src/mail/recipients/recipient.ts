import type { OrgRecord } from '../../schema/record.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'

/** Somebody an e-mail goes to. */
export type Recipient = {
  readonly address: string
  readonly name: string
  /** The user or contact; null where only the address is known. */
  readonly record: OrgRecord | null
}

/** What one line of an alert's recipients came to. */
export type Resolution = {
  readonly recipients: readonly Recipient[]
  /** Why some or all of it was not found, as sentences. */
  readonly remarks: readonly string[]
}

export const NOBODY: Resolution = { recipients: [], remarks: [] }

/** Nobody, and why. */
export function notFound(remark: string): Resolution {
  return { recipients: [], remarks: [remark] }
}

/** Several resolutions as one. */
export function together(resolutions: readonly Resolution[]): Resolution {
  return {
    recipients: resolutions.flatMap((each) => each.recipients),
    remarks: resolutions.flatMap((each) => each.remarks),
  }
}

const ADDRESS_LENGTH_MAX = 254

/** The address in a text; null where it is none that a mail server could take. */
export function addressIn(text: string): string | null {
  const address = text.trim()
  const isAddress = /^[^\s@<>(),;:"\\[\]]+@[^\s@<>(),;:"\\[\]]+$/.test(address)
  const isClean = !/[\u0000-\u001f\u007f]/.test(address)
  return isAddress && isClean && address.length <= ADDRESS_LENGTH_MAX ? address : null
}

/** The person as a recipient, or why they are none: inactive users get no mail. */
export function personRecipient(record: OrgRecord): Resolution {
  const name = textIn(record, 'Name') ?? ''
  if (record.fields.IsDeleted === true) return notFound(`${name} is deleted`)
  if (record.objectName === 'User' && record.fields.IsActive !== true) {
    return notFound(`${name} is inactive`)
  }
  const written = textIn(record, 'Email')
  const address = written === null ? null : addressIn(written)
  if (address === null) return notFound(`${name || record.recordId} has no e-mail address`)
  return { recipients: [{ address, name, record }], remarks: [] }
}

export function textIn(record: OrgRecord, fieldName: string): string | null {
  const value = record.fields[fieldName]
  return typeof value === 'string' && value !== '' ? value : null
}

/** The id that a reference field holds. */
export function idIn(record: OrgRecord, fieldName: string): RecordId | null {
  const text = textIn(record, fieldName)
  return text === null ? null : tryRecordId(text)
}
