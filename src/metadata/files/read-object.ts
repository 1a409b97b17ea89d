import type { XmlElement } from '../../base/xml.ts'
import { field, text } from '../../schema/define-field.ts'
import type { FieldDefinition, ObjectDefinition } from '../../schema/object-definition.ts'
import { type Contribution, emptyPart, type FieldPart } from './contribution.ts'
import { readRecordType } from './object/read-record-type.ts'
import { readValidationRule } from './object/read-validation-rule.ts'
import { readField } from './read-field.ts'
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

/** Reads an object's own file: `<CustomObject>`, with its fields, record types and validation rules or without. */
export function readObject(source: Source, objectName: string, root: XmlElement): Contribution {
  const label = textOf(root, 'label')
  const fields = childrenOf(root, 'fields').flatMap((child) => readField(source, child) ?? [])
  const part = {
    ...emptyPart(objectName, placeOf(source, root)),
    definesObject: true,
    label,
    labelPlural: textOf(root, 'pluralLabel'),
    customSetting: customSetting(root),
    nameField: nameField(root),
    enableActivities: booleanOf(root, 'enableActivities') ?? false,
    fields: withLocationParts(fields),
    recordTypes: childrenOf(root, 'recordTypes').flatMap((child) => readRecordType(source, child)),
  }
  const validationRules = childrenOf(root, 'validationRules').flatMap((child) =>
    readValidationRule(source, objectName, child),
  )
  return { objects: [part], validationRules }
}

/** Reads a file that holds one `<CustomField>`. */
export function readFieldFile(source: Source, objectName: string, root: XmlElement): Contribution {
  const part = readField(source, root)
  const fields = withLocationParts(part ? [part] : [])
  return { objects: [{ ...emptyPart(objectName, placeOf(source, root)), fields }] }
}

/** Reads a file that holds one `<RecordType>`. */
export function readRecordTypeFile(
  source: Source,
  objectName: string,
  root: XmlElement,
): Contribution {
  const recordTypes = readRecordType(source, root)
  return { objects: [{ ...emptyPart(objectName, placeOf(source, root)), recordTypes }] }
}

function customSetting(root: XmlElement): ObjectDefinition['customSetting'] {
  switch (wordOf(root, 'customSettingsType')?.toLowerCase()) {
    case 'hierarchy':
      return 'hierarchy'
    case 'list':
      return 'list'
    default:
      return null
  }
}

function nameField(root: XmlElement): FieldDefinition | null {
  const element = childOf(root, 'nameField')
  if (!element) return null
  const label = textOf(element, 'label') ?? 'Name'
  if (wordOf(element, 'type') !== 'AutoNumber') return text('Name', 80, { label })
  return field('Name', 'autonumber', {
    label,
    length: 80,
    displayFormat: textOf(element, 'displayFormat') ?? '{0}',
    startingNumber: intOf(element, 'startingNumber') ?? 1,
    createable: false,
    updateable: false,
  })
}

/** A geolocation has two parts that can be written: `Place__Latitude__s`, `Place__Longitude__s`. */
function withLocationParts(fields: readonly FieldPart[]): readonly FieldPart[] {
  return fields.flatMap((part) => {
    if (part.type !== 'location') return part
    const stem = part.name.replace(/__c$/i, '')
    const scale = part.options.scale ?? 6
    const halves = ['Latitude', 'Longitude'].map((half): FieldPart => {
      const label = `${part.options.label ?? stem} (${half})`
      const options = { label, precision: 18, scale }
      return { ...part, name: `${stem}__${half}__s`, type: 'double', options }
    })
    return [part, ...halves]
  })
}
