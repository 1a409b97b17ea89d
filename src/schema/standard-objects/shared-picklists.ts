/** Values that several standard objects share, in the form `picklist` takes: Salesforce's own at sign-up. */

/** Industries of accounts and leads. */
export const INDUSTRIES = [
  'Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting',
  'Education|Electronics|Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage',
  'Government|Healthcare|Hospitality|Insurance|Machinery|Manufacturing|Media|Not For Profit',
  'Recreation|Retail|Shipping|Technology|Telecommunications|Transportation|Utilities|Other',
].join('|')

/** Where a lead, contact, account or opportunity came from. */
export const LEAD_SOURCES = 'Web|Phone Inquiry|Partner Referral|Purchased List|Other'

export const RATINGS = 'Hot|Warm|Cold'

export const TIME_ZONES = [
  '*UTC|GMT|Europe/London|Europe/Dublin|Europe/Lisbon|Europe/Berlin|Europe/Paris|Europe/Madrid',
  'Europe/Rome|Europe/Amsterdam|Europe/Brussels|Europe/Vienna|Europe/Zurich|Europe/Stockholm',
  'Europe/Warsaw|Europe/Athens|Europe/Helsinki|Europe/Istanbul|Europe/Moscow|America/New_York',
  'America/Chicago|America/Denver|America/Phoenix|America/Los_Angeles|America/Anchorage',
  'America/Halifax|America/Toronto|America/Vancouver|America/Mexico_City|America/Bogota',
  'America/Lima|America/Sao_Paulo|America/Argentina/Buenos_Aires|Pacific/Honolulu|Asia/Dubai',
  'Asia/Jerusalem|Asia/Kolkata|Asia/Bangkok|Asia/Singapore|Asia/Hong_Kong|Asia/Shanghai|Asia/Tokyo',
  'Asia/Seoul|Asia/Manila|Australia/Perth|Australia/Brisbane|Australia/Sydney|Pacific/Auckland',
  'Africa/Cairo|Africa/Johannesburg',
].join('|')

export const LOCALES = [
  '*en_US|en_GB|en_IE|en_CA|en_AU|en_NZ|en_IN|en_ZA|de_DE|de_AT|de_CH|fr_FR|fr_CA|fr_BE|fr_CH|es_ES',
  'es_MX|it_IT|it_CH|nl_NL|nl_BE|pt_PT|pt_BR|sv_SE|da_DK|no_NO|fi_FI|pl_PL|cs_CZ|hu_HU|ru_RU|tr_TR',
  'ja_JP|ko_KR|zh_CN|zh_TW',
].join('|')

export const LANGUAGES =
  '*en_US|de|es|fr|it|ja|sv|ko|zh_TW|zh_CN|pt_BR|nl_NL|da|th|fi|ru|es_MX|no|en_GB|pl|cs|hu|tr'
