import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOrg, type TestOrg } from '../../../test/support/open-test-org.ts'
import { asDefinitions, fieldUpdate, workflowRule } from '../../../test/support/org-definitions.ts'
import type { FieldValue } from '../../schema/field-value.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { INSTANCE_URL } from '../formulas/organization-facts.ts'
import { firstUserId } from '../founding/found-org.ts'
import { keepNamedRecords } from '../founding/keep-named-records.ts'
import { rawFields } from './record-edit.ts'

const PERMISSION_SET = {
  kind: 'permissionSet' as const,
  key: 'Bypass',
  body: { name: 'Bypass', label: 'Bypass', customPermissions: ['Skip_Rules'] },
}
const LABELS = {
  kind: 'labels' as const,
  key: 'labels',
  body: { labels: [{ name: 'Greeting', text: 'Good day' }] },
}
const ADMIN = {
  kind: 'profile' as const,
  key: 'System Administrator',
  body: {
    name: 'System Administrator',
    unreadable: [],
    readOnly: [],
    userPermissions: [],
    recordTypes: { defaults: [], hidden: [] },
    customPermissions: ['Of_The_Profile'],
  },
}

/** An org whose every saved account has the formula's value as its description. */
async function describing(t: Parameters<typeof openTestOrg>[0], formula: string) {
  return openTestOrg(t, {
    definitions: [
      ...asDefinitions({
        rules: [workflowRule({ actions: [{ name: 'Describe', type: 'FieldUpdate' }] })],
        fieldUpdates: [fieldUpdate({ fullName: 'Describe', formula })],
      }),
      PERMISSION_SET,
      LABELS,
      ADMIN,
    ],
  })
}

async function described(house: TestOrg): Promise<FieldValue | undefined> {
  const id = await house.create('Account', { Name: 'Acme' })
  const asked = [{ kind: 'ids' as const, objectName: 'Account', ids: [id] }]
  const { records } = await house.stores.org.readRecords(asked)
  return records[0]?.fields.Description
}

async function idOf({ stores }: TestOrg, objectName: string, name: string): Promise<RecordId> {
  const asked = [{ kind: 'all' as const, objectName, limit: 100 }]
  const { records } = await stores.org.readRecords(asked)
  const found = records.find(({ fields }) => fields.Name === name)
  assert.ok(found, `${objectName} ${name}`)
  return found.recordId
}

test('labels, the organisation, the profile and the URL of the org are there for rules', async (t) => {
  const house = await describing(
    t,
    `$Label.greeting & " " & $Profile.Name & " " & TEXT($Organization.TimeZoneSidKey)
      & " " & $Organization.Name & " " & $Api.Partner_Server_URL_560`,
  )
  await house.stores.org.writeSetting(INSTANCE_URL, 'https://org.example.com')

  const text = String(await described(house))

  assert.match(text, /^Good day System Administrator UTC \S+ https:\/\/org\.example\.com\/services/)
  assert.match(text, /\/services\/Soap\/u\/56\.0\/00D\w{12}$/)
})

test('a custom permission is there by the profile, or by a permission set that is assigned', async (t) => {
  const formula =
    'IF($Permission.of_the_profile, "p", "-") & IF($Permission.Skip_Rules, "s", "-") & IF($Permission.None, "n", "-")'
  const house = await describing(t, formula)
  await keepNamedRecords(house.org, { queues: [], userId: firstUserId() })
  assert.equal(await described(house), 'p--')

  await house.create('PermissionSetAssignment', {
    PermissionSetId: await idOf(house, 'PermissionSet', 'Bypass'),
    AssigneeId: firstUserId(),
  })

  assert.equal(await described(house), 'ps-')
})

test('roles of the project are records, each under its parent, and the running user has one', async (t) => {
  const house = await describing(t, '$UserRole.Name & " " & $UserRole.DeveloperName')
  const roles = [
    { developerName: 'West', name: 'West Coast', parentRole: 'CEO' },
    { developerName: 'CEO', name: 'Chief', parentRole: null },
  ]
  await keepNamedRecords(house.org, { queues: [], roles, userId: firstUserId() })
  const west = await idOf(house, 'UserRole', 'West Coast')
  const [saved] = await house.save([
    {
      kind: 'update',
      objectName: 'User',
      recordId: firstUserId(),
      fields: rawFields({ UserRoleId: west }),
    },
  ])
  assert.equal(saved?.kind, 'saved')

  assert.equal(await described(house), 'West Coast West')
  const asked = [{ kind: 'ids' as const, objectName: 'UserRole', ids: [west] }]
  const [role] = (await house.stores.org.readRecords(asked)).records
  assert.equal(role?.fields.ParentRoleId, await idOf(house, 'UserRole', 'Chief'))
  assert.equal(await keepNamedRecords(house.org, { queues: [], roles, userId: firstUserId() }), 0)
})
