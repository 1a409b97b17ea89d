import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../../config/config.ts'
import type { ProjectConfig } from '../../config/project-config.ts'
import type { House } from '../../house/open-house.ts'
import type { DataCloudCredentials } from '../../house/project/datacloud-user.ts'
import { saveAllOnce } from '../../house/project/save-all.ts'
import { type RecordEdit, rawFields } from '../../org/save/record-edit.ts'

/** User names and passwords of a development store: made once, kept in its data folder for its owner alone. */
export type Credentials = {
  readonly username: string
  readonly password: string
  readonly dataCloud: DataCloudCredentials | null
}

/** Reads the credentials of the data folder, or makes them. */
export function ownCredentials(dataFolder: string, config: ProjectConfig): Credentials {
  const file = join(dataFolder, 'credentials.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Credentials
  const made: Credentials = {
    username: 'admin@obm.example',
    password: newPassword(),
    dataCloud: config.dataCloudUser && {
      username: config.dataCloudUser.username,
      password: newPassword(),
    },
  }
  writePrivate(file, made)
  return made
}

/** Writes a JSON file that only its owner can read. */
export function writePrivate(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
}

function newPassword(): string {
  return randomBytes(12).toString('base64url')
}

/**
 * Loads the project's data files once in a store's life: a start that was killed meanwhile is gone on with.
 * They are records like any other: rules fire for them.
 */
export async function loadFirstData(
  house: House,
  folder: string,
  config: ProjectConfig,
): Promise<void> {
  const { org } = house.stores
  if ((await org.readSetting('dataLoaded')) !== null) return
  const lists = config.data.map((file) => readTree(resolve(folder, file)))
  await saveAllOnce(house, lists, 'dataCallsSaved')
  await org.writeSetting('dataLoaded', new Date().toISOString())
}

/** Reads a file as `sf data export tree` writes them; references between its records are not followed. */
function readTree(file: string): readonly RecordEdit[] {
  const tree = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly records?: readonly { readonly attributes?: { readonly type?: string } }[]
  }
  return (tree.records ?? []).map((record, index) => {
    const objectName = record.attributes?.type
    if (!objectName) {
      throw new ConfigError(
        `${file}: records[${index}]: expected attributes.type, the object's name`,
      )
    }
    return { kind: 'create', objectName, fields: rawFields(record) }
  })
}
