import type { FieldValues } from '../../schema/field-value.ts'
import { type RecordId, tryRecordId } from '../../schema/record-id.ts'
import type { FoundForSave } from './found-for-save.ts'

/** A record as far as it is known, and the ways from it that must be read: names of reference fields. */
export type PathsFrom = {
  readonly fields: FieldValues
  readonly paths: readonly (readonly string[])[]
}

/** Reads the parents on the paths, one round trip for each step that leads to something unread. */
export async function readPaths(found: FoundForSave, starts: readonly PathsFrom[]): Promise<void> {
  let frontier = starts.flatMap(({ fields, paths }) => paths.map((path) => ({ fields, path })))
  while (frontier.length > 0) {
    const steps = frontier.flatMap(({ fields, path }) => {
      const id = referredId(fields, path[0])
      return id ? [{ id, rest: path.slice(1) }] : []
    })
    await found.read({ ids: steps.map(({ id }) => id) })
    frontier = steps.flatMap(({ id, rest }) => {
      const record = found.recordOf(id)
      return record && rest.length > 0 ? [{ fields: record.fields, path: rest }] : []
    })
  }
}

function referredId(fields: FieldValues, name: string | undefined): RecordId | null {
  const value = name === undefined ? null : fields[name]
  return typeof value === 'string' ? tryRecordId(value) : null
}
