import { hashPassword } from '../../base/secrets/password.ts'
import type { ProjectConfig } from '../../config/project-config.ts'
import { rawFields } from '../../org/save/record-edit.ts'
import type { House } from '../open-house.ts'
import { saveAll } from './save-all.ts'

/** A user of DataCloud's API with the password in the clear: told to whoever starts the program, never kept so. */
export type DataCloudCredentials = { readonly username: string; readonly password: string }

/** Makes the DataCloud user and puts its name and password into the org's custom setting, if that is not done. */
export async function makeDataCloudUser(
  house: House,
  config: ProjectConfig,
  dataCloud: DataCloudCredentials | null,
): Promise<void> {
  const { stores, org } = house
  if (!dataCloud || !config.dataCloudUser) return
  if ((await stores.jobs.readUser(dataCloud.username)) === null) {
    await stores.jobs.writeUser({
      userId: 'datacloud-1',
      username: dataCloud.username,
      passwordHash: await hashPassword(dataCloud.password),
      isActive: true,
      role: 'Admin',
      permissions: [],
    })
  }
  const { settingName } = config.dataCloudUser
  if (settingName === null || !org.definitions().objectOf(settingName)) return
  const { records } = await stores.org.readRecords([
    { kind: 'key', objectName: settingName, field: 'SetupOwnerId', values: [org.organizationId] },
  ])
  if (records.length > 0) return
  await saveAll(house, [
    {
      kind: 'create',
      objectName: settingName,
      fields: rawFields({
        SetupOwnerId: org.organizationId,
        Username__c: dataCloud.username,
        Password__c: dataCloud.password,
      }),
    },
  ])
}
