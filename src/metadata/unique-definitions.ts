import type { SourcePlace } from '../schema/object-definition.ts'
import type { Report } from './problem.ts'

type Named = {
  readonly objectName: string
  readonly fullName: string
  readonly place: SourcePlace
}

/** Makes a function that keeps the first definition of each name on its object and tells of the others. */
export function firstOnes(report: Report) {
  return <Definition extends Named>(
    definitions: readonly Definition[],
    what: string,
  ): readonly Definition[] => {
    const firstPlaces = new Map<string, SourcePlace>()
    return definitions.filter(({ objectName, fullName, place }) => {
      const key = `${objectName.toLowerCase()}.${fullName}`
      const before = firstPlaces.get(key)
      if (!before) {
        firstPlaces.set(key, place)
        return true
      }
      const message = `${what} ${objectName}.${fullName} is defined before, in ${before.file} line ${before.line}: this one is left out`
      report(place, 'DUPLICATE_DEFINITION', message)
      return false
    })
  }
}
