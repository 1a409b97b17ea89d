import { type Clock, SECOND_MS } from '../base/clock.ts'
import type { FieldValue, FieldValues } from '../schema/field-value.ts'
import type { ObjectDefinition } from '../schema/object-definition.ts'
import type { OrgRecord } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'
import { blankValues, isStored } from '../schema/stored-fields.ts'
import type { OrgDefinitions } from './org-definitions.ts'
import type { OrgStore } from './org-store.ts'

/** Whose settings are meant. */
export type SettingsOwner = {
  readonly userId: RecordId
  readonly profileId: RecordId | null
  readonly organizationId: RecordId
}

/**
 * The hierarchy as `getInstance()` sees it: for each field the user's row, then the profile's, then the
 * organisation's; the first that is not blank counts. A checkbox is never blank, so the nearest row wins.
 */
export function mergeSettings(
  object: ObjectDefinition,
  rows: readonly OrgRecord[],
  owner: SettingsOwner,
): FieldValues {
  const levels = [owner.userId, owner.profileId, owner.organizationId].flatMap((ownerId) => {
    const row = rows.find(
      (each) => each.objectName === object.name && each.fields.SetupOwnerId === ownerId,
    )
    return ownerId !== null && row ? [row] : []
  })
  const merged: Record<string, FieldValue> = { ...blankValues(object) }
  for (const field of object.fields.filter(isStored)) {
    const level = levels.find((each) => (each.fields[field.name] ?? null) !== null)
    if (level) merged[field.name] = level.fields[field.name] ?? null
  }
  // Id and owner are the user's own row's, or of nobody's: the merged row was never saved.
  const own = levels.find((each) => each.fields.SetupOwnerId === owner.userId)
  merged.Id = own?.recordId ?? null
  merged.SetupOwnerId = owner.userId
  return merged
}

/** Hierarchy custom settings as users see them, kept for a moment. */
export type CustomSettings = {
  /** Reads all of them in one round trip; then `$Setup` asks by object name, in any case. */
  settingsFor(owner: SettingsOwner): Promise<(objectName: string) => FieldValues | undefined>
  /** After a row was changed here. */
  forget(): void
}

const KEPT_MS = 10 * SECOND_MS
const KEPT_MAX = 1000

/** Opens the settings of one org. */
export function openCustomSettings(ports: {
  store: OrgStore
  clock: Clock
  definitions: () => OrgDefinitions
}): CustomSettings {
  const { store, clock, definitions } = ports
  const kept = new Map<
    string,
    { readonly readAt: number; readonly rows: Promise<readonly OrgRecord[]> }
  >()

  const rowsFor = (objects: readonly ObjectDefinition[], owner: SettingsOwner) => {
    const key = `${owner.userId} ${definitions().version}`
    const known = kept.get(key)
    if (known && clock.real() - known.readAt < KEPT_MS) return known.rows
    if (kept.size >= KEPT_MAX) kept.clear()
    const values = [owner.userId, owner.profileId, owner.organizationId].filter(
      (each) => each !== null,
    )
    const asks = objects.map(({ name }) => ({
      kind: 'key' as const,
      objectName: name,
      field: 'SetupOwnerId',
      values,
    }))
    const rows = store.readRecords(asks).then(({ records }) => records)
    rows.catch(() => kept.delete(key))
    kept.set(key, { readAt: clock.real(), rows })
    return rows
  }

  return {
    async settingsFor(owner) {
      const objects = definitions().objects.filter((each) => each.customSetting === 'hierarchy')
      if (objects.length === 0) return () => undefined
      const rows = await rowsFor(objects, owner)
      const merged = new Map<string, FieldValues>()
      return (objectName) => {
        const name = objectName.toLowerCase()
        const known = merged.get(name)
        if (known) return known
        const object = objects.find((each) => each.name.toLowerCase() === name)
        if (!object) return undefined
        const made = mergeSettings(object, rows, owner)
        merged.set(name, made)
        return made
      }
    },
    forget: () => kept.clear(),
  }
}
