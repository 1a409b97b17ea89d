/** Why a record was not saved, in Salesforce's words and codes; `fields` are API names. */
export type SaveError = {
  readonly statusCode: string
  readonly message: string
  readonly fields: readonly string[]
}

/** Values are shown in messages up to so many characters. */
const SHOWN_MAX = 255

/** Makes a save error; `fields` are those it is about. */
export function saveError(statusCode: string, message: string, ...fields: string[]): SaveError {
  return { statusCode, message, fields }
}

/** A client's value as a message shows it: cut, and hidden where the field holds a secret. */
export function shownValue(text: string, isSecret: boolean): string {
  if (isSecret) return '*****'
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
