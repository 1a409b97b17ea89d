import { labelOf } from './field-label.ts'
import type {
  FieldDefinition,
  FieldType,
  ObjectDefinition,
  PicklistValue,
} from './object-definition.ts'

/** What a field has besides its name and type. */
export type FieldOptions = Partial<Omit<FieldDefinition, 'name' | 'type'>>

/** For fields that only the org itself fills. */
export const READ_ONLY = { createable: false, updateable: false } as const
/** For fields that every record must have a value in. */
export const REQUIRED = { required: true } as const

/** A field of any type. Its label is made of its name where none is given. */
export function field(name: string, type: FieldType, options: FieldOptions = {}): FieldDefinition {
  return { name, label: labelOf(name), type, ...options }
}

/** A single line of text, at most `length` characters. */
export function text(name: string, length: number, options?: FieldOptions): FieldDefinition {
  return field(name, 'string', { length, ...options })
}

/** Several lines of text, at most `length` characters. */
export function textArea(name: string, length: number, options?: FieldOptions): FieldDefinition {
  return field(name, 'textarea', { length, ...options })
}

export function checkbox(name: string, options?: FieldOptions): FieldDefinition {
  return field(name, 'boolean', { defaultValue: 'false', ...options })
}

export function int(name: string, precision: number, options?: FieldOptions): FieldDefinition {
  return field(name, 'int', { precision, scale: 0, ...options })
}

/** A decimal number with `scale` digits behind the point, of 18 in all. */
export function double(name: string, scale: number, options?: FieldOptions): FieldDefinition {
  return field(name, 'double', { precision: 18, scale, ...options })
}

/** An amount of money with `scale` digits behind the point, of 18 in all. */
export function currency(name: string, scale: number, options?: FieldOptions): FieldDefinition {
  return field(name, 'currency', { precision: 18, scale, ...options })
}

export function email(name: string, options?: FieldOptions): FieldDefinition {
  return field(name, 'email', { length: 80, ...options })
}

export function phone(name: string, options?: FieldOptions): FieldDefinition {
  return field(name, 'phone', { length: 40, ...options })
}

export function url(name: string, options?: FieldOptions): FieldDefinition {
  return field(name, 'url', { length: 255, ...options })
}

/** A lookup. The way to the parent is the name without `Id`: `AccountId` goes by `Account`. */
export function reference(
  name: string,
  referenceTo: readonly string[],
  options?: FieldOptions,
): FieldDefinition {
  const relationshipName = name.replace(/Id$/, '')
  return field(name, 'reference', { length: 18, referenceTo, relationshipName, ...options })
}

/**
 * A picklist of the values written with `|` between them; a leading `*` marks the default. Other values
 * may be saved, as at Salesforce, unless the options say `restricted`.
 */
export function picklist(name: string, values: string, options?: FieldOptions): FieldDefinition {
  return field(name, 'picklist', {
    length: 255,
    picklist: values.split('|').map(picklistValueOf),
    ...options,
  })
}

function picklistValueOf(written: string): PicklistValue {
  const isDefault = written.startsWith('*')
  const value = isDefault ? written.slice(1) : written
  return { value, label: value, active: true, isDefault }
}

const GEOCODE_ACCURACIES =
  'Address|NearAddress|Block|Street|ExtendedZip|Zip|Neighborhood|City|County|State|Unknown'

/** The parts of an address, `BillingStreet` and on, then the compound `BillingAddress` that shows them. */
export function address(prefix: string): readonly FieldDefinition[] {
  return [
    textArea(`${prefix}Street`, 255),
    text(`${prefix}City`, 40),
    text(`${prefix}State`, 80, { label: labelOf(`${prefix}State/Province`) }),
    text(`${prefix}PostalCode`, 20, { label: labelOf(`${prefix}Zip/PostalCode`) }),
    text(`${prefix}Country`, 80),
    double(`${prefix}Latitude`, 15),
    double(`${prefix}Longitude`, 15),
    picklist(`${prefix}GeocodeAccuracy`, GEOCODE_ACCURACIES, { restricted: true }),
    field(`${prefix}Address`, 'address', READ_ONLY),
  ]
}

/** The owner, who is the saving user where none is given. */
export function owner(...referenceTo: readonly string[]): FieldDefinition {
  return reference('OwnerId', referenceTo)
}

/** Salutation, first and last name, and the `Name` that the org makes of them. */
export function personName(options?: FieldOptions): readonly FieldDefinition[] {
  return [
    text('LastName', 80, REQUIRED),
    text('FirstName', 40),
    ...(options ? [picklist('Salutation', 'Mr.|Ms.|Mrs.|Dr.|Prof.|Mx.', options)] : []),
    text('Name', 121, { label: 'Full Name', ...READ_ONLY }),
  ]
}

/** The fields that say when a record was last used; the org leaves them blank. */
export const LAST_USED: readonly FieldDefinition[] = [
  field('LastViewedDate', 'datetime', READ_ONLY),
  field('LastReferencedDate', 'datetime', READ_ONLY),
]

/** An object's fields with the ones that every record has, in the order of describe. */
export function withSystemFields(fields: readonly FieldDefinition[]): readonly FieldDefinition[] {
  return [
    field('Id', 'id', { length: 18, label: 'Record ID', ...READ_ONLY }),
    checkbox('IsDeleted', { label: 'Deleted', ...READ_ONLY }),
    ...fields,
    field('CreatedDate', 'datetime', READ_ONLY),
    reference('CreatedById', ['User'], READ_ONLY),
    field('LastModifiedDate', 'datetime', READ_ONLY),
    reference('LastModifiedById', ['User'], READ_ONLY),
    field('SystemModstamp', 'datetime', { label: 'System Modstamp', ...READ_ONLY }),
  ]
}

/** One of Salesforce's own objects. `labels` is singular and plural, with `|` between them. */
export function standardObject(
  name: string,
  keyPrefix: string,
  labels: string,
  fields: readonly FieldDefinition[],
): ObjectDefinition {
  const [label = name, labelPlural = label] = labels.split('|')
  return {
    name,
    label,
    labelPlural,
    keyPrefix,
    custom: false,
    customSetting: null,
    fields: withSystemFields(fields),
    recordTypes: [],
  }
}
