import type { XmlElement } from '../../base/xml.ts'
import type { FieldOptions } from '../../schema/define-field.ts'
import type { FieldType, PicklistValue } from '../../schema/object-definition.ts'
import { isFieldName } from './api-name.ts'
import type { FieldPart } from './contribution.ts'
import { readSummary } from './object/read-summary.ts'
import {
  booleanOf,
  childOf,
  childrenOf,
  intOf,
  placeOf,
  type Source,
  textOf,
  wordOf,
} from './source.ts'

/** Metadata API's field types as describe names them, and the length a type has by itself. */
const TYPES: ReadonlyMap<string, readonly [FieldType, number?]> = new Map<
  string,
  readonly [FieldType, number?]
>([
  ['Text', ['string', 255]],
  ['TextArea', ['textarea', 255]],
  ['LongTextArea', ['textarea', 32768]],
  ['Html', ['textarea', 32768]],
  ['Number', ['double']],
  ['Currency', ['currency']],
  ['Percent', ['percent']],
  ['Checkbox', ['boolean']],
  ['Date', ['date']],
  ['DateTime', ['datetime']],
  ['Time', ['time']],
  ['Email', ['email', 80]],
  ['Phone', ['phone', 40]],
  ['Url', ['url', 255]],
  ['Picklist', ['picklist', 255]],
  ['MultiselectPicklist', ['multipicklist', 4099]],
  ['Lookup', ['reference', 18]],
  ['MasterDetail', ['reference', 18]],
  ['Hierarchy', ['reference', 18]],
  ['MetadataRelationship', ['reference', 18]],
  ['AutoNumber', ['autonumber', 30]],
  ['Summary', ['double']],
  ['EncryptedText', ['encryptedstring', 175]],
  ['Location', ['location']],
  ['Address', ['address']],
  ['ExternalLookup', ['string', 255]],
  ['IndirectLookup', ['string', 255]],
])

// The types that are addresses or places show their parts and take nothing themselves.
const SHOWN_ONLY: ReadonlySet<FieldType> = new Set([
  'autonumber',
  'location',
  'address',
  'unsupported',
])

/** Reads a `<CustomField>` or a `<fields>` element; null when it has no name that a field can have. */
export function readField(source: Source, element: XmlElement): FieldPart | null {
  const place = placeOf(source, element)
  const name = wordOf(element, 'fullName')
  if (name === null || !isFieldName(name)) {
    const message = `expected a field's API name in <fullName>, found ${name}: it is left out`
    source.report(place, 'FIELD_INVALID', message)
    return null
  }
  const written = wordOf(element, 'type')
  const known = written === null ? undefined : TYPES.get(written)
  if (written !== null && !known) {
    const message = `${name}: the type ${written} is not known, its values stay blank`
    source.report(place, 'FIELD_TYPE_UNKNOWN', message)
  }
  if (childOf(element, 'lookupFilter')) {
    source.report(
      place,
      'NOT_EXECUTED',
      `${name}: its lookup filter is not asked when records are saved`,
    )
  }
  const [type = written === null ? null : 'unsupported', typeLength] = known ?? []
  const formula = textOf(element, 'formula')
  return {
    name,
    type,
    valueSetName: sharedValueSet(element),
    place,
    options: dropAbsent({
      label: textOf(element, 'label'),
      ...sizes(element, type, formula === null ? typeLength : undefined),
      required: written === 'MasterDetail' || booleanOf(element, 'required') || null,
      unique: booleanOf(element, 'unique') || null,
      externalId: booleanOf(element, 'externalId') || null,
      caseSensitive: booleanOf(element, 'caseSensitive') || null,
      ...(type === 'reference' ? referenceOptions(element, name, written) : {}),
      ...picklistOptions(element),
      ...(written === 'Summary' ? { summary: readSummary(source, element, name) } : {}),
      defaultValue: defaultOf(element, type),
      ...(formula === null ? {} : { formula, blanksAs: blanksAs(element) }),
      ...(formula !== null || written === 'Summary' || (type && SHOWN_ONLY.has(type))
        ? { createable: false, updateable: false, required: null }
        : {}),
      displayFormat: textOf(element, 'displayFormat'),
      startingNumber: intOf(element, 'startingNumber'),
      secret: type === 'encryptedstring' || null,
    }),
  }
}

type Loose = { readonly [Key in keyof FieldOptions]: FieldOptions[Key] | null | undefined }

/** The options that have a value. */
function dropAbsent(loose: Loose): FieldOptions {
  const present = Object.entries(loose).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(present) as FieldOptions
}

function sizes(element: XmlElement, type: FieldType | null, typeLength?: number): Loose {
  const length = intOf(element, 'length') ?? typeLength
  const isNumber = type === 'double' || type === 'currency' || type === 'percent'
  if (type === 'location') return { scale: intOf(element, 'scale') }
  if (!isNumber) return { length }
  const scale = intOf(element, 'scale') ?? (wordOf(element, 'type') === 'Summary' ? 2 : 0)
  return { precision: intOf(element, 'precision') ?? 18, scale }
}

function referenceOptions(element: XmlElement, name: string, written: string | null): Loose {
  const targets = childrenOf(element, 'referenceTo').map(({ text }) => text.trim())
  const referenceTo = targets.length === 0 && written === 'Hierarchy' ? ['User'] : targets
  const relationshipName = /__c$/i.test(name)
    ? name.replace(/__c$/i, '__r')
    : name.replace(/Id$/, '')
  const constraint = wordOf(element, 'deleteConstraint')
  const isMaster = written === 'MasterDetail'
  // A master stays the same for good, unless its file says otherwise.
  const isFixed = isMaster && booleanOf(element, 'reparentableMasterDetail') !== true
  return {
    referenceTo,
    relationshipName,
    masterDetail: isMaster || null,
    updateable: isFixed ? false : null,
    deleteConstraint: DELETE_CONSTRAINTS.find((each) => each === constraint),
  }
}

const DELETE_CONSTRAINTS = ['SetNull', 'Restrict', 'Cascade'] as const

function defaultOf(element: XmlElement, type: FieldType | null): string | null {
  return textOf(element, 'defaultValue') ?? (type === 'boolean' ? 'false' : null)
}

function blanksAs(element: XmlElement): 'blank' | 'zero' {
  return wordOf(element, 'formulaTreatBlanksAs') === 'BlankAsBlank' ? 'blank' : 'zero'
}

function sharedValueSet(element: XmlElement): string | null {
  const valueSet = childOf(element, 'valueSet')
  return valueSet ? wordOf(valueSet, 'valueSetName') : wordOf(element, 'globalPicklist')
}

function picklistOptions(element: XmlElement): Loose {
  const valueSet = childOf(element, 'valueSet')
  const definition = valueSet && childOf(valueSet, 'valueSetDefinition')
  const old = childOf(element, 'picklist') // before API 38
  const restricted = valueSet ? booleanOf(valueSet, 'restricted') || null : null
  if (old) return { picklist: readPicklistValues(old, 'picklistValues') }
  const listed = definition ? { picklist: readPicklistValues(definition, 'value') } : {}
  return { restricted, ...listed, ...(valueSet ? dependence(valueSet) : {}) }
}

function dependence(valueSet: XmlElement): Loose {
  const controllingField = wordOf(valueSet, 'controllingField')
  if (controllingField === null) return {}
  const valueSettings = childrenOf(valueSet, 'valueSettings').flatMap((child) => {
    const value = textOf(child, 'valueName')
    const controlling = childrenOf(child, 'controllingFieldValue').map(({ text }) => text)
    return value === null ? [] : [{ value, controllingValues: controlling }]
  })
  return { controllingField, valueSettings }
}

/** The values in the children called `name`; those without a `fullName` are left out. */
export function readPicklistValues(element: XmlElement, name: string): readonly PicklistValue[] {
  return childrenOf(element, name).flatMap((child) => {
    const value = textOf(child, 'fullName')
    if (value === null) return []
    return {
      value,
      label: textOf(child, 'label') ?? value,
      active: booleanOf(child, 'isActive') ?? true,
      isDefault: booleanOf(child, 'default') ?? false,
    }
  })
}
