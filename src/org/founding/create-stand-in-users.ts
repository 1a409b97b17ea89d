import type { RecordId } from '../../schema/record-id.ts'
import type { Org } from '../open-org.ts'
import { ADMINISTRATOR_PROFILE } from '../people/permissions.ts'
import { rawFields } from '../save/record-edit.ts'
import { RECORDS_MAX, saveRecords } from '../save/save-records.ts'
import { userFields } from './found-org.ts'

/**
 * Makes administrators for usernames that a project's files name and the org has not, so that messages have
 * somebody to be sent as. They have no password: nobody can sign in as them. Answers the usernames made.
 */
export async function createStandInUsers(
  org: Org,
  usernames: Iterable<string>,
  userId: RecordId,
): Promise<readonly string[]> {
  const wanted = new Map([...usernames].map((each) => [each.toLowerCase(), each]))
  const { records } = await org.store.readRecords([
    { kind: 'key', objectName: 'User', field: 'Username', values: [...wanted.values()] },
    { kind: 'all', objectName: 'Profile', limit: RECORDS_MAX },
  ])
  for (const { fields } of records) wanted.delete(String(fields.Username ?? '').toLowerCase())
  const profile = records.find((each) => each.fields.Name === ADMINISTRATOR_PROFILE)
  const missing = [...wanted.values()]
  const made: string[] = []
  for (let start = 0; start < missing.length; start += RECORDS_MAX) {
    const some = missing.slice(start, start + RECORDS_MAX)
    const edits = some.map((username) => ({
      kind: 'create' as const,
      objectName: 'User',
      fields: rawFields({
        ...userFields(username, org.definitions().settings),
        LastName: username.split('@')[0] || username,
        ProfileId: profile?.recordId ?? null,
      }),
    }))
    const results = await saveRecords(org, edits, { userId, allOrNone: false })
    for (const [place, result] of results.entries()) {
      const username = some[place] ?? ''
      if (result.kind === 'saved') made.push(username)
      else org.log.warn('user.refused', { username, reason: result.errors[0]?.message })
    }
  }
  return made
}
