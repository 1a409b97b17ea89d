import { fieldOf, type ObjectDefinition } from '../../schema/object-definition.ts'

/** Finds objects by name, whatever its case. */
export type ObjectIndex = (name: string) => ObjectDefinition | undefined

/** Makes the objects of a project ready to be found. */
export function indexObjects(objects: readonly ObjectDefinition[]): ObjectIndex {
  const byName = new Map(objects.map((object) => [object.name.toLowerCase(), object]))
  return (name) => byName.get(name.toLowerCase())
}

/** Says what is wrong with `Object.Field`; null when there is such a field. */
export function complaintAboutPath(path: string, objectNamed: ObjectIndex): string | null {
  const [objectName = '', fieldName = '', ...rest] = path.split('.')
  if (fieldName === '' || rest.length > 0) return `expected Object.Field, found "${path}"`
  const object = objectNamed(objectName)
  if (!object) return `there is no object ${objectName} for "${path}"`
  return fieldOf(object, fieldName) ? null : `${object.name} has no field ${fieldName}`
}
