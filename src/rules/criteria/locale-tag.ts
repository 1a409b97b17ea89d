const LOCALE = /^([A-Za-z]{2,3})(?:[_-]([A-Za-z]{4}))?(?:[_-]([A-Za-z]{2}))?(?:[_-]|$)/

/**
 * The tag that `Intl` knows a locale by: `sr-Latn-RS` of `sr_Latn_RS`. Variants such as that of `no_NO_NY` are left
 * out; what is no locale counts as en_US.
 */
export function localeTag(locale: string): string {
  const [, language, script, region] = LOCALE.exec(locale) ?? []
  if (language === undefined) return 'en-US'
  return [language, script, region].filter((part) => part !== undefined).join('-')
}
