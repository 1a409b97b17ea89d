import { displayName } from '../oauth/identity.ts'
import type { OrgFacts, SessionUser } from '../org-api.ts'
import { writeText } from './write-soap.ts'

type UserInfoSource = { readonly org: OrgFacts; readonly user: SessionUser }
type UserInfoElement = {
  readonly name: string
  /** The first version whose WSDL has it; strict clients fail on an element too many or too few. */
  readonly since?: number
  readonly value: (source: UserInfoSource) => string | number | boolean | null
}

/** How long a session lives unused, as it is told to clients. */
const SESSION_SECONDS = 7200

/** GetUserInfoResult in the order of the WSDL. The 27.0 WSDL has none of those with `since`; today's has all. */
const USER_INFO: readonly UserInfoElement[] = [
  { name: 'accessibilityMode', value: () => false },
  { name: 'chatterExternal', since: 31, value: () => false },
  { name: 'currencySymbol', value: ({ org }) => currencySymbol(org.currency) },
  { name: 'orgAttachmentFileSizeLimit', since: 31, value: () => 5_242_880 },
  { name: 'orgDefaultCurrencyIsoCode', value: ({ org }) => org.currency },
  { name: 'orgDefaultCurrencyLocale', since: 31, value: ({ org }) => org.locale },
  { name: 'orgDisallowHtmlAttachments', value: () => false },
  { name: 'orgHasPersonAccounts', value: () => false },
  { name: 'organizationId', value: ({ org }) => org.organizationId },
  { name: 'organizationMultiCurrency', value: () => false },
  { name: 'organizationName', value: ({ org }) => org.name },
  { name: 'profileId', value: ({ user }) => user.profileId },
  { name: 'roleId', value: ({ user }) => user.roleId },
  { name: 'sessionSecondsValid', since: 31, value: () => SESSION_SECONDS },
  { name: 'userDefaultCurrencyIsoCode', value: () => null },
  { name: 'userEmail', value: ({ user }) => user.email },
  { name: 'userFullName', value: ({ user }) => displayName(user) },
  { name: 'userId', value: ({ user }) => user.userId },
  { name: 'userLanguage', value: ({ user }) => user.language },
  { name: 'userLocale', value: ({ user }) => user.locale },
  { name: 'userName', value: ({ user }) => user.username },
  { name: 'userTimeZone', value: ({ user }) => user.timeZone },
  { name: 'userType', value: () => 'Standard' },
  { name: 'userUiSkin', value: () => 'Theme3' },
]

/** The members of userInfo for a version, as login and getUserInfo write them. */
export function writeUserInfo(version: number, source: UserInfoSource): string {
  return USER_INFO.filter(({ since = 0 }) => since <= version)
    .map(({ name, value }) => writeText(name, value(source)))
    .join('')
}

function currencySymbol(currency: string): string {
  if (!/^[A-Z]{3}$/i.test(currency)) return currency
  const parts = new Intl.NumberFormat('en', { style: 'currency', currency }).formatToParts(0)
  return parts.find(({ type }) => type === 'currency')?.value ?? currency
}
