import type { Instant } from '../../../base/clock.ts'
import { civilOf } from '../../../rules/formula/values/calendar.ts'
import { localDay } from '../../../rules/formula/values/zone.ts'
import type { FieldDefinition, ObjectDefinition } from '../../../schema/object-definition.ts'

/** Writes the auto-number `serial` as a display format says: `A-{0000}`, also with `{YYYY}`, `{MM}`, `{DD}`. */
export function writeAutoNumber(
  displayFormat: string,
  serial: number,
  at: { now: Instant; timeZone: string },
): string {
  const { year, month, day } = civilOf(localDay(at.timeZone, at.now))
  return displayFormat.replace(/\{(0+|YYYY|YY|MM|DD)\}/g, (_, token: string) => {
    switch (token) {
      case 'YYYY':
        return String(year).padStart(4, '0')
      case 'YY':
        return String(year % 100).padStart(2, '0')
      case 'MM':
        return String(month).padStart(2, '0')
      case 'DD':
        return String(day).padStart(2, '0')
      default:
        return String(serial).padStart(token.length, '0')
    }
  })
}

/** The sequence an auto-number field draws from. */
export function sequenceOf(object: ObjectDefinition, field: FieldDefinition): string {
  return `${object.name}.${field.name}`
}

export function autoNumberFields(object: ObjectDefinition): readonly FieldDefinition[] {
  return object.fields.filter((field) => field.type === 'autonumber')
}
