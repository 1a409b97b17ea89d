import type { FieldDefinition, FieldType, ObjectDefinition } from '../schema/object-definition.ts'

const NEVER_SENT: ReadonlySet<FieldType> = new Set([
  'address',
  'location',
  'base64',
  'encryptedstring',
  'unsupported',
])

/** Whether Salesforce offers a field of this type for outbound messages: no compounds, no base64, no encrypted text. */
export function isSendable({ type }: FieldDefinition): boolean {
  return !NEVER_SENT.has(type)
}

/** What Setup offers for an object's outbound messages, in ASCII order. A person's `Name` is a compound: not offered. */
export function sendableFields(object: ObjectDefinition): readonly FieldDefinition[] {
  const isPerson = object.fields.some((field) => field.name === 'LastName')
  return sentFields(object.fields.filter((field) => !(isPerson && field.name === 'Name')))
}

/** Chosen fields as they are sent: without `Id`, which always comes first; each once, in binary order of its name. */
export function sentFields(fields: readonly FieldDefinition[]): readonly FieldDefinition[] {
  const byName = new Map(fields.filter(isSendable).map((field) => [field.name, field]))
  byName.delete('Id')
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}
