import type { RawFields } from '../../../org/save/record-edit.ts'
import type { QueriedField, QueriedRecord } from '../../../org/soql/queried-record.ts'
import { isNumberType } from '../../../schema/field-value.ts'
import type { FieldType } from '../../../schema/object-definition.ts'
import { javaDouble } from '../../../wire/java-double.ts'
import { childText, type SoapElement } from './soap-element.ts'
import { type SoapApi, writeText } from './write-soap.ts'

/** An sObject as a client sent it: its object, its id, its fields; `fieldsToNull` are null among them. */
export type SentSobject = {
  readonly objectName: string
  readonly recordId: string | null
  readonly fields: RawFields
}

/** Reads `sObjects`: Partner names the object in `type`, Enterprise in `xsi:type`. Nil fields are left alone. */
export function readSobject(element: SoapElement): SentSobject {
  const fields = new Map<string, unknown>()
  for (const child of element.children) {
    if (child.local === 'type' || child.local === 'Id') continue
    if (child.local === 'fieldsToNull') fields.set(child.text.trim(), null)
    else if (!child.isNil) fields.set(child.local, sentValue(child))
  }
  return {
    objectName: childText(element, 'type') ?? element.type ?? '',
    recordId: childText(element, 'Id') || null,
    fields,
  }
}

/** A field with elements inside is a parent named by its external id. */
function sentValue(element: SoapElement): unknown {
  if (element.children.length === 0) return element.text
  return Object.fromEntries(readSobject(element).fields)
}

/** Writes a record as `name`; its Partner form has its type and id before what was selected. */
export function writeSobject(name: string, record: QueriedRecord, api: SoapApi): string {
  const { objectName, recordId, fields } = record
  const body = fields.map((field) => writeField(field, api)).join('')
  if (api === 'c') return `<${name} xsi:type="sf:${objectName}">${body}</${name}>`
  // The Id stands there twice when it is selected, and as nil when it is not: so do Salesforce's answers.
  const isIdSelected = fields.some((field) => field.name === 'Id')
  const head = writeText('sf:type', objectName) + writeText('sf:Id', isIdSelected ? recordId : null)
  return `<${name} xsi:type="sf:sObject">${head}${body}</${name}>`
}

function writeField({ name, type, value }: QueriedField, api: SoapApi): string {
  const element = `sf:${name}`
  if (value === null || typeof value === 'boolean') return writeText(element, value)
  if (typeof value === 'string') return writeText(element, valueText(value, type))
  return writeSobject(element, value, api)
}

function valueText(value: string, type: FieldType | null): string {
  return type !== null && type !== 'int' && isNumberType(type) ? javaDouble(value) : value
}
