/**
 * The field types an org can hold, by Salesforce's API names in describe. A formula field has the type of
 * its result and a `formula`.
 */
export type FieldType =
  | 'id'
  | 'reference'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'time'
  | 'email'
  | 'phone'
  | 'url'
  | 'encryptedstring'
  | 'autonumber'
  | 'address'
  | 'location'
  | 'base64'
  | 'unsupported'

export type PicklistValue = {
  readonly value: string
  readonly label: string
  readonly active: boolean
  readonly isDefault: boolean
}

/** A roll-up summary: what a master keeps of its detail records. */
export type Summary = {
  readonly operation: 'count' | 'sum' | 'min' | 'max'
  readonly childObject: string
  /** The detail's reference field that leads here. */
  readonly foreignKey: string
  /** The detail's field that is summed or compared; null for a count. */
  readonly summarized: string | null
  /** Which details count: those that meet all of these, as criteria items. */
  readonly filters: readonly {
    readonly field: string
    readonly operation: string
    readonly value: string
  }[]
}

export type FieldDefinition = {
  /** API name, spelled as defined: `Name`, `AnnualRevenue`, `Amount__c`. */
  readonly name: string
  readonly label: string
  readonly type: FieldType
  /** Characters a text may have; absent for what has no length. */
  readonly length?: number
  /** Digits in all, and behind the point, of int, double, currency, percent. */
  readonly precision?: number
  readonly scale?: number
  readonly required?: boolean
  readonly unique?: boolean
  readonly externalId?: boolean
  readonly caseSensitive?: boolean
  /** False for system fields, auto-numbers, formulas. Default true. */
  readonly createable?: boolean
  readonly updateable?: boolean
  /** Object names a reference may point to. */
  readonly referenceTo?: readonly string[]
  /** How a formula or a query goes to the parent: `Account`, `Owner`, `Region__r`. */
  readonly relationshipName?: string
  readonly masterDetail?: boolean
  /** What becomes of the record when its parent is deleted; SetNull where nothing is said. */
  readonly deleteConstraint?: 'SetNull' | 'Restrict' | 'Cascade'
  readonly picklist?: readonly PicklistValue[]
  /** True: other values than the listed are refused. */
  readonly restricted?: boolean
  /** The picklist or checkbox whose value says which values are offered; kept, and not enforced. */
  readonly controllingField?: string
  readonly valueSettings?: readonly {
    readonly value: string
    readonly controllingValues: readonly string[]
  }[]
  /** A formula as text; a literal is a formula too. */
  readonly defaultValue?: string
  readonly formula?: string
  readonly blanksAs?: 'blank' | 'zero'
  readonly summary?: Summary
  /** Auto-number: `A-{0000}`, and the first number. */
  readonly displayFormat?: string
  readonly startingNumber?: number
  /** Holds a secret: encrypted at rest, masked wherever people look. */
  readonly secret?: boolean
  /** No file says what it is, something only names it: its type is a guess, which formulas need not believe. */
  readonly guessed?: boolean
}

export type RecordType = {
  readonly developerName: string
  readonly label: string
  readonly active: boolean
  /** The picklists whose values it names; a picklist that is not among them keeps all of its own. */
  readonly picklists?: readonly RecordTypePicklist[]
}

/** The values of a picklist that records of one record type may have. */
export type RecordTypePicklist = {
  readonly field: string
  readonly values: readonly string[]
  /** What a new record gets; several of a multi-select picklist. */
  readonly defaults: readonly string[]
}

export type ObjectDefinition = {
  readonly name: string
  readonly label: string
  readonly labelPlural: string
  /** Three characters; custom objects get theirs when they are kept for the first time. */
  readonly keyPrefix: string | null
  readonly custom: boolean
  readonly customSetting: 'hierarchy' | 'list' | null
  /** In the order of describe; system fields included. */
  readonly fields: readonly FieldDefinition[]
  readonly recordTypes: readonly RecordType[]
}

/** Where a definition was written, for messages: the file below the project's folder and the line. */
export type SourcePlace = { readonly file: string; readonly line: number }

/** Finds a field by name, whatever its case. */
export function fieldOf(object: ObjectDefinition, name: string): FieldDefinition | undefined {
  return indexOf(object).get(name.toLowerCase())
}

/** Finds the reference field whose relationship (`Account`, `Region__r`) is `name`, whatever its case. */
export function referenceOf(object: ObjectDefinition, name: string): FieldDefinition | undefined {
  const wanted = name.toLowerCase()
  return object.fields.find((field) => field.relationshipName?.toLowerCase() === wanted)
}

const indexes = new WeakMap<ObjectDefinition, ReadonlyMap<string, FieldDefinition>>()

function indexOf(object: ObjectDefinition): ReadonlyMap<string, FieldDefinition> {
  const known = indexes.get(object)
  if (known) return known
  const made = new Map(object.fields.map((field) => [field.name.toLowerCase(), field]))
  indexes.set(object, made)
  return made
}

/** Types of field that Salesforce offers for no outbound message: compounds, base64, classic encrypted text. */
export const UNSENDABLE_TYPES: ReadonlySet<FieldType> = new Set([
  'address',
  'location',
  'base64',
  'encryptedstring',
])

/** Whether the field is the `Name` of a person, a compound that Salesforce makes of first and last name. */
export function isPersonName(
  { fields }: Pick<ObjectDefinition, 'fields'>,
  { name }: FieldDefinition,
): boolean {
  return name === 'Name' && fields.some((field) => field.name === 'LastName')
}
