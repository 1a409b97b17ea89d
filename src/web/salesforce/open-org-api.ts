import { describeGlobal, describeObject } from '../../org/describe/describe-object.ts'
import { authenticate, type Org } from '../../org/open-org.ts'
import type { OrgUser } from '../../org/people/running-users.ts'
import { findByKey, retrieveRecords } from '../../org/retrieve-records.ts'
import { saveRecords } from '../../org/save/save-records.ts'
import { queryRecords } from '../../org/soql/query-records.ts'
import type { FieldValues } from '../../schema/field-value.ts'
import type { OrgApi, SessionUser } from './org-api.ts'

/** Joins what the web asks of the org to the org's own functions. */
export function openOrgApi(org: Org): OrgApi {
  return {
    facts: async () => {
      const { name, currency, locale } = (await org.latest()).settings
      return { organizationId: org.organizationId, name, currency, locale }
    },
    login: async (username, password) => {
      const { userId } = await org.login(username, password)
      const { token } = await org.sessions.start(userId)
      return { token, userId }
    },
    sessionUser: async (token) => {
      const user = await authenticate(org, token)
      return user && sessionUser(user)
    },
    logout: (token) => org.sessions.end(token),
    save: (edits, options) => saveRecords(org, edits, options),
    retrieve: (ask) => retrieveRecords(org, ask),
    findByKey: (ask) => findByKey(org, ask),
    query: (soql, options) => queryRecords(org, soql, options),
    objectOf: async (name) => (await org.latest()).objectOf(name),
    describeObject: (name, userId) => describeObject(org, name, userId),
    describeGlobal: (userId) => describeGlobal(org, userId),
  }
}

function sessionUser({ userId, username, profileId, permissions, running }: OrgUser): SessionUser {
  const fields = running.record?.fields ?? {}
  const roleId = running.role?.recordId ?? null
  return {
    userId,
    username,
    firstName: textIn(fields, 'FirstName'),
    lastName: textIn(fields, 'LastName') ?? username,
    email: textIn(fields, 'Email'),
    alias: textIn(fields, 'Alias') ?? '',
    profileId,
    roleId,
    timeZone: textIn(fields, 'TimeZoneSidKey') ?? 'GMT',
    locale: textIn(fields, 'LocaleSidKey') ?? 'en_US',
    language: textIn(fields, 'LanguageLocaleKey') ?? 'en_US',
    lastModifiedAt: Date.parse(textIn(fields, 'LastModifiedDate') ?? '1970-01-01'),
    mayCustomize: permissions.mayCustomize,
  }
}

function textIn(fields: FieldValues, name: string): string | null {
  const value = fields[name]
  return typeof value === 'string' ? value : null
}
