import type { RecordId } from '../../../schema/record-id.ts'
import type { OrgFacts, SessionUser } from '../org-api.ts'

/** The URL that names a user, which jsforce reads both ids from. */
export function identityUrl(baseUrl: string, organizationId: RecordId, userId: RecordId): string {
  return `${baseUrl}/id/${organizationId}/${userId}`
}

/** What `/id/{org}/{user}` answers. */
export function identityJson(
  baseUrl: string,
  { organizationId }: OrgFacts,
  user: SessionUser,
): unknown {
  const id = identityUrl(baseUrl, organizationId, user.userId)
  return {
    id,
    asserted_user: true,
    user_id: user.userId,
    organization_id: organizationId,
    username: user.username,
    nick_name: user.alias,
    display_name: displayName(user),
    email: user.email,
    email_verified: true,
    first_name: user.firstName,
    last_name: user.lastName,
    timezone: user.timeZone,
    photos: {},
    addr_street: null,
    mobile_phone: null,
    mobile_phone_verified: false,
    is_lightning_login_user: false,
    status: { created_date: null, body: null },
    urls: urlsOf(baseUrl, organizationId),
    active: true,
    user_type: 'STANDARD',
    language: user.language,
    locale: user.locale,
    utcOffset: 0,
    last_modified_date: new Date(user.lastModifiedAt).toISOString(),
    is_app_installed: true,
  }
}

/** What `/services/oauth2/userinfo` answers (OpenID Connect's names). */
export function userInfoJson(
  baseUrl: string,
  { organizationId }: OrgFacts,
  user: SessionUser,
): unknown {
  const id = identityUrl(baseUrl, organizationId, user.userId)
  return {
    sub: id,
    user_id: user.userId,
    organization_id: organizationId,
    preferred_username: user.username,
    nickname: user.alias,
    name: displayName(user),
    email: user.email,
    email_verified: true,
    given_name: user.firstName,
    family_name: user.lastName,
    zoneinfo: user.timeZone,
    photos: {},
    profile: `${baseUrl}/${user.userId}`,
    address: {},
    urls: urlsOf(baseUrl, organizationId),
    active: true,
    user_type: 'STANDARD',
    language: user.language,
    locale: user.locale,
    utcOffset: 0,
    updated_at: new Date(user.lastModifiedAt).toISOString(),
    is_app_installed: true,
  }
}

/** First and last name, as people write them. */
export function displayName({ firstName, lastName }: SessionUser): string {
  return firstName === null ? lastName : `${firstName} ${lastName}`
}

function urlsOf(baseUrl: string, organizationId: RecordId): unknown {
  const soap = (api: string) => `${baseUrl}/services/Soap/${api}/{version}/${organizationId}`
  const rest = `${baseUrl}/services/data/v{version}/`
  return {
    enterprise: soap('c'),
    metadata: soap('m'),
    partner: soap('u'),
    rest,
    sobjects: `${rest}sobjects/`,
    query: `${rest}query/`,
  }
}
