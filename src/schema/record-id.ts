declare const recordIdBrand: unique symbol

/** The 18-character id of a record or a definition. Only this file makes one. */
export type RecordId = string & { readonly [recordIdBrand]: true }

/** Key prefixes of Salesforce's own objects. Custom objects get `a00`, `a01` … in order of creation. */
export const KEY_PREFIX = {
  account: '001',
  contact: '003',
  user: '005',
  opportunity: '006',
  userRole: '00E',
  queue: '00G',
  groupMember: '011',
  emailTemplate: '00X',
  organization: '00D',
  profile: '00e',
  permissionSet: '0PS',
  customLabel: '101',
  lead: '00Q',
  task: '00T',
  event: '00U',
  recordType: '012',
  customObject: '01I',
  workflowRule: '01Q',
  validationRule: '03d',
  outboundMessage: '04k',
  notification: '04l',
  workflowTask: '01T',
  email: '02s',
  emailAlert: '01W',
  fieldUpdate: '04Y',
  case: '500',
  campaign: '701',
  flow: '300',
  contract: '800',
} as const

export class MalformedIdError extends Error {
  override readonly name = 'MalformedIdError'
  readonly errorCode = 'MALFORMED_ID'
}

const ID_PATTERN = /^[0-9A-Za-z]{15}([A-Za-z0-5]{3})?$/

/** Reads a 15- or 18-character id. The suffix of a long one repairs its letters' case, as at Salesforce. */
export function parseRecordId(text: string): RecordId {
  const id = tryRecordId(text)
  if (id === null) {
    throw new MalformedIdError(
      `${JSON.stringify(text)} is not an id: expected 15 or 18 letters and digits`,
    )
  }
  return id
}

/** The id that `text` spells, or null. */
export function tryRecordId(text: string): RecordId | null {
  if (!ID_PATTERN.test(text)) return null
  if (text.length === 15) return (text + caseSuffix(text)) as RecordId
  return repairCase(text)
}

/** Makes the id with the key prefix `prefix` and the serial number `serial` (0 or more). */
export function makeRecordId(prefix: string, serial: number): RecordId {
  const short = prefix + base62(serial).padStart(12, '0')
  return (short + caseSuffix(short)) as RecordId
}

/** The 15-character form, as it stands in URLs and lists. */
export function shortId(id: RecordId): string {
  return id.slice(0, 15)
}

export function keyPrefixOf(id: RecordId): string {
  return id.slice(0, 3)
}

const SUFFIX_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Three letters that keep the id distinct where case is lost: each spells which of five characters are capitals. */
function caseSuffix(id: string): string {
  let suffix = ''
  for (let group = 0; group < 15; group += 5) {
    let bits = 0
    for (let index = 0; index < 5; index += 1) {
      const code = id.charCodeAt(group + index)
      if (code >= 65 && code <= 90) bits |= 1 << index
    }
    suffix += SUFFIX_LETTERS.charAt(bits)
  }
  return suffix
}

function repairCase(text: string): RecordId | null {
  const suffix = text.slice(15).toUpperCase()
  let id = ''
  for (let index = 0; index < 15; index += 1) {
    const bits = SUFFIX_LETTERS.indexOf(suffix.charAt(Math.floor(index / 5)))
    const char = text.charAt(index)
    id += (bits >> (index % 5)) & 1 ? char.toUpperCase() : char.toLowerCase()
  }
  return caseSuffix(id) === suffix ? ((id + suffix) as RecordId) : null
}

function base62(serial: number): string {
  let rest = serial
  let text = ''
  do {
    text = DIGITS.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  } while (rest > 0)
  return text
}
