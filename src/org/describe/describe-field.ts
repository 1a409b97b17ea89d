import { unreachable } from '../../base/unreachable.ts'
import {
  type FieldDefinition,
  type FieldType,
  fieldOf,
  type ObjectDefinition,
} from '../../schema/object-definition.ts'
import { referenceEnd } from '../../schema/reference-end.ts'
import { isStored } from '../../schema/stored-fields.ts'
import type { Permissions } from '../people/permissions.ts'

/** A part of a describe answer: Salesforce's names, plain JSON values. */
export type Description = Readonly<Record<string, unknown>>

/** One entry of `fields` in a DescribeSObjectResult, as this user sees the field. */
export function describeField(
  object: ObjectDefinition,
  field: FieldDefinition,
  permissions: Permissions,
): Description {
  const controlling = controllingValues(object, field)
  const isFormula = field.formula !== undefined
  const isOthers = isFormula || field.summary !== undefined
  const mayEdit = !isOthers && isStored(field) && permissions.mayEdit(object.name, field.name)
  const isOurs = isFormula || field.type === 'autonumber' || field.type === 'id'
  const isComparable = isStored(field) && !field.secret && !isLongText(field)
  return {
    ...UNUSED,
    ...sizesOf(field),
    ...referenceOf(field),
    aggregatable: isComparable,
    autoNumber: field.type === 'autonumber',
    calculated: isFormula || field.summary !== undefined,
    calculatedFormula: field.formula ?? null,
    caseSensitive: field.caseSensitive ?? false,
    createable: mayEdit && !isOurs && field.createable !== false,
    custom: field.name.endsWith('__c'),
    defaultValue: field.type === 'boolean' ? field.defaultValue === 'true' : null,
    defaultValueFormula: field.defaultValue ?? null,
    defaultedOnCreate: isDefaulted(field),
    controllerName: field.controllingField ?? null,
    dependentPicklist: field.controllingField !== undefined,
    encrypted: field.secret ?? false,
    externalId: field.externalId ?? false,
    filterable: isComparable,
    formulaTreatNullNumberAsZero: isFormula && field.blanksAs !== 'blank',
    groupable: isComparable,
    idLookup: field.type === 'id' || Boolean(field.externalId),
    label: field.label,
    name: field.name,
    nameField: field.name === nameFieldOf(object),
    nillable: field.type !== 'boolean' && !isOurs && !field.required && !field.masterDetail,
    permissionable: field.name.endsWith('__c') && !field.required,
    picklistValues: (field.picklist ?? []).map(({ value, label, active, isDefault }) => ({
      active,
      defaultValue: isDefault,
      label,
      validFor: validFor(field, value, controlling),
      value,
    })),
    restrictedPicklist: field.restricted ?? false,
    soapType: soapTypeOf(field.type),
    sortable: isComparable,
    type: describedType(field.type),
    unique: field.unique ?? false,
    updateable: mayEdit && !isOurs && field.updateable !== false,
  }
}

/** What a picklist depends on, in the order of its values; none where it depends on nothing that has a list. */
function controllingValues(object: ObjectDefinition, field: FieldDefinition): readonly string[] {
  const controller = field.controllingField && fieldOf(object, field.controllingField)
  return controller ? (controller.picklist ?? []).map(({ value }) => value) : []
}

/** The controlling values that offer this one, as Salesforce packs them: a bit each, the first in front, base64. */
function validFor(
  { valueSettings = [] }: FieldDefinition,
  value: string,
  controlling: readonly string[],
): string | null {
  if (controlling.length === 0) return null
  const offering = valueSettings
    .filter((setting) => setting.value === value)
    .flatMap((setting) => setting.controllingValues)
  const bytes = new Uint8Array(Math.ceil(controlling.length / 8))
  for (const [index, each] of controlling.entries()) {
    if (offering.includes(each))
      bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (0x80 >> (index % 8))
  }
  return Buffer.from(bytes).toString('base64')
}

/** The field whose value names a record: Name, but of some objects their number or subject. */
export function nameFieldOf(object: ObjectDefinition): string | null {
  const names = new Set(object.fields.map((field) => field.name))
  const own = NAME_FIELDS.get(object.name)
  if (own) return own
  return names.has('Name') ? 'Name' : null
}

const NAME_FIELDS = new Map([
  ['Case', 'CaseNumber'],
  ['Contract', 'ContractNumber'],
  ['Event', 'Subject'],
  ['Task', 'Subject'],
])

/** What no field here has, but clients that know the WSDL look for. */
const UNUSED = {
  aiPredictionField: false,
  compoundFieldName: null,
  deprecatedAndHidden: false,
  displayLocationInDecimal: false,
  extraTypeInfo: null,
  filteredLookupInfo: null,
  highScaleNumber: false,
  htmlFormatted: false,
  inlineHelpText: null,
  mask: null,
  maskType: null,
  queryByDistance: false,
  referenceTargetField: null,
  searchPrefilterable: false,
  writeRequiresMasterRead: false,
}

function sizesOf(field: FieldDefinition): Description {
  const isInt = field.type === 'int'
  const isNumber =
    isInt || field.type === 'double' || field.type === 'currency' || field.type === 'percent'
  const length = isNumber ? 0 : (field.length ?? 0)
  return {
    byteLength: length * 3,
    digits: isInt ? (field.precision ?? 0) : 0,
    length,
    precision: isNumber && !isInt ? (field.precision ?? 18) : 0,
    scale: isNumber && !isInt ? (field.scale ?? 0) : 0,
  }
}

function referenceOf(field: FieldDefinition): Description {
  const referenceTo = field.referenceTo ?? []
  return {
    cascadeDelete: field.type === 'reference' && referenceEnd(field) === 'Cascade',
    namePointing: referenceTo.length > 1,
    polymorphicForeignKey: referenceTo.length > 1,
    referenceTo,
    relationshipName: field.relationshipName ?? null,
    relationshipOrder: field.masterDetail ? 0 : null,
    restrictedDelete: field.type === 'reference' && referenceEnd(field) === 'Restrict',
  }
}

/** Whether a new record gets a value without being given one. */
function isDefaulted(field: FieldDefinition): boolean {
  const isListed = field.picklist?.some((each) => each.isDefault && each.active) ?? false
  const isOurs = field.type === 'id' || field.type === 'autonumber' || field.name === 'OwnerId'
  const isStamp = /^(Created|LastModified)(ById|Date)$|^SystemModstamp$/.test(field.name)
  return (
    isListed || isOurs || isStamp || field.type === 'boolean' || field.defaultValue !== undefined
  )
}

function isLongText(field: FieldDefinition): boolean {
  return field.type === 'textarea' && (field.length ?? 0) > 255
}

function describedType(type: FieldType): string {
  if (type === 'autonumber') return 'string'
  return type === 'unsupported' ? 'anyType' : type
}

function soapTypeOf(type: FieldType): string {
  switch (type) {
    case 'id':
    case 'reference':
      return 'tns:ID'
    case 'boolean':
    case 'int':
    case 'double':
    case 'date':
    case 'time':
      return `xsd:${type}`
    case 'currency':
    case 'percent':
      return 'xsd:double'
    case 'datetime':
      return 'xsd:dateTime'
    case 'base64':
      return 'xsd:base64Binary'
    case 'address':
    case 'location':
      return `urn:${type}`
    case 'unsupported':
      return 'xsd:anyType'
    case 'string':
    case 'textarea':
    case 'picklist':
    case 'multipicklist':
    case 'email':
    case 'phone':
    case 'url':
    case 'encryptedstring':
    case 'autonumber':
      return 'xsd:string'
    default:
      return unreachable(type)
  }
}
