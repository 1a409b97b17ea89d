const SMALL_WORDS: ReadonlySet<string> = new Set([
  'Of',
  'By',
  'On',
  'In',
  'To',
  'For',
  'And',
  'From',
])
const CAPITALS: ReadonlyMap<string, string> = new Map([
  ['Id', 'ID'],
  ['Url', 'URL'],
])

/** `NumberOfEmployees` reads "Number of Employees", `AccountId` "Account ID", `IsActive` "Active". */
export function labelOf(name: string): string {
  const words = name.replace(/^(Is|Has)(?=[A-Z])/, '').split(/(?<=[a-z/])(?=[A-Z])/)
  const spelled = words.map((word, index) => {
    if (index > 0 && SMALL_WORDS.has(word)) return word.toLowerCase()
    return CAPITALS.get(word) ?? word
  })
  return spelled.join(' ').replaceAll('/ ', '/')
}
