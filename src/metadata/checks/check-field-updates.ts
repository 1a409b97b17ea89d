import type { FieldUpdate } from '../../rules/workflow-rule.ts'
import { fieldOf } from '../../schema/object-definition.ts'
import type { Report } from '../problem.ts'
import type { Project } from '../project.ts'
import { indexObjects, type ObjectIndex } from './object-index.ts'

/** Tells of field updates whose field, or whose way to the parent, is not there. */
export function checkFieldUpdates(project: Project, report: Report): void {
  const objectNamed = indexObjects(project.objects)
  for (const update of project.fieldUpdates) {
    const complaint = complaintAbout(update, objectNamed)
    if (complaint) report(update.place, 'FIELD_UNKNOWN', `${update.fullName}: ${complaint}`)
  }
}

function complaintAbout(update: FieldUpdate, objectNamed: ObjectIndex): string | null {
  const object = objectNamed(update.objectName)
  if (!object) return `there is no object ${update.objectName}`
  if (update.targetObject === null) {
    return fieldOf(object, update.field) ? null : `${object.name} has no field ${update.field}`
  }
  const way = fieldOf(object, update.targetObject)
  if (!way) return `${object.name} has no field ${update.targetObject} that leads to a parent`
  // A parent that is not in the project has been told at the reference.
  const parents = (way.referenceTo ?? []).flatMap((name) => objectNamed(name) ?? [])
  const hasField = parents.some((parent) => fieldOf(parent, update.field))
  if (parents.length === 0 || hasField) return null
  return `${parents.map(({ name }) => name).join(', ')} has no field ${update.field}`
}
