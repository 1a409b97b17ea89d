import type { RecordId } from '../../schema/record-id.ts'
import type { SObject } from '../envelope.ts'

/** Fields that one list may name: more than any object of Salesforce's has. */
export const LISTED_FIELDS_MAX = 1_000

/** A field that an outbound message was set to send. */
export type ListedField = {
  readonly name: string
  /** Local name of its XML Schema type (`double`, `boolean`, `ID` …); null where only names are known. */
  readonly type: string | null
}

/**
 * Which fields an outbound message sends, by its WSDL or its workflow file: what tells a null from a field that
 * was never chosen.
 */
export type FieldList = {
  readonly objectName: string
  /** Of the one outbound message it is for; null: of any of the object's. */
  readonly actionId: RecordId | null
  /** All but `Id`, in binary order of their names, as they are sent. */
  readonly fields: readonly ListedField[]
}

/** The list for a message's records: that of its action, else that of their object; null if neither is known. */
export function fieldListFor(
  lists: readonly FieldList[],
  { actionId, objectName }: { readonly actionId: string; readonly objectName: string },
): FieldList | null {
  const ofObject = lists.filter((list) => isSameName(list.objectName, objectName))
  return (
    ofObject.find((list) => list.actionId === actionId) ??
    ofObject.find((list) => list.actionId === null) ??
    null
  )
}

/**
 * The record with a nil for each listed field that the message left out, in the list's order. A record with a field that
 * is not on the list is another message's, or a newer one's: null, since nothing is known of what it left out.
 */
export function withNulls(sObject: SObject, list: FieldList): SObject | null {
  const sent = new Map(sObject.fields.map((field) => [field.name, field]))
  const fields = list.fields.map(
    ({ name }) => sent.get(name) ?? { name, value: '', nil: true as const },
  )
  const known = fields.reduce((count, { name }) => (sent.has(name) ? count + 1 : count), 0)
  return known === sent.size ? { ...sObject, fields } : null
}

/** As Salesforce compares names of objects. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
