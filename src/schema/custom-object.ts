import { owner, REQUIRED, reference, text, withSystemFields } from './define-field.ts'
import { labelOf } from './field-label.ts'
import type { FieldDefinition, ObjectDefinition, RecordType } from './object-definition.ts'

/** What the files say about an object that is not built in. */
export type CustomObjectParts = {
  readonly name: string
  readonly label?: string
  readonly labelPlural?: string
  readonly customSetting?: 'hierarchy' | 'list' | null
  /** The name field; a text of 80 characters where the files name none. */
  readonly nameField?: FieldDefinition
  readonly fields: readonly FieldDefinition[]
  readonly recordTypes?: readonly RecordType[]
}

/**
 * A custom object, custom setting or unknown standard object with the fields that it has without being
 * told: Id, Name, owner (but not under a master, nor in a setting), record type, who and when.
 */
export function customObject(parts: CustomObjectParts): ObjectDefinition {
  const { name, customSetting = null, recordTypes = [] } = parts
  const custom = /__[a-z]+$/i.test(name)
  const spelled = custom ? name.replace(/__c$/i, '').replaceAll('_', ' ') : labelOf(name)
  const label = parts.label ?? spelled
  const nameField = parts.nameField ?? text('Name', 80, { label: `${label} Name` })
  return {
    name,
    label,
    labelPlural: parts.labelPlural ?? label,
    keyPrefix: null,
    custom,
    customSetting,
    fields: withSystemFields([...standingFields(parts, nameField), ...parts.fields]),
    recordTypes,
  }
}

function standingFields(
  parts: CustomObjectParts,
  nameField: FieldDefinition,
): readonly FieldDefinition[] {
  switch (parts.customSetting) {
    case 'hierarchy':
      return [
        text('Name', 80),
        reference('SetupOwnerId', ['Organization', 'Profile', 'User'], { unique: true }),
      ]
    case 'list':
      return [text('Name', 38, { unique: true, ...REQUIRED })]
    default: {
      const owned = parts.fields.some((field) => field.masterDetail) ? [] : [owner('User', 'Group')]
      const typed = parts.recordTypes?.length ? [reference('RecordTypeId', ['RecordType'])] : []
      return [nameField, ...owned, ...typed]
    }
  }
}
