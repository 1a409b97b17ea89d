/** Whether a character, given as its code point, is in a class. */
export type CharTest = (code: number) => boolean

const between = (from: number, to: number) => (code: number) => code >= from && code <= to
const LOWER = between(0x61, 0x7a)
const UPPER = between(0x41, 0x5a)
const DIGIT = between(0x30, 0x39)
const GRAPHIC = between(0x21, 0x7e)

const isSpace: CharTest = (code) => code === 0x20 || (code >= 0x09 && code <= 0x0d)
const isAlpha: CharTest = (code) => LOWER(code) || UPPER(code)
const isAlnum: CharTest = (code) => isAlpha(code) || DIGIT(code)

/** A letter, digit or underscore; ASCII, as in Java. */
export const isWord: CharTest = (code) => isAlnum(code) || code === 0x5f

/** Any character but a line end. */
export const isNoLineEnd: CharTest = (code) => {
  return code !== 0x0a && code !== 0x0d && code !== 0x85 && code !== 0x2028 && code !== 0x2029
}

export function not(test: CharTest): CharTest {
  return (code) => !test(code)
}

/** The classes written with one letter after a backslash. */
export const LETTER_CLASSES: ReadonlyMap<string, CharTest> = new Map([
  ['d', DIGIT],
  ['D', not(DIGIT)],
  ['w', isWord],
  ['W', not(isWord)],
  ['s', isSpace],
  ['S', not(isSpace)],
  ['h', (code) => code === 0x20 || code === 0x09 || code === 0xa0],
])

/** What a backslash and a letter stand for. */
export const LETTER_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['f', 0x0c],
  ['a', 0x07],
  ['e', 0x1b],
  ['0', 0],
])

const UNICODE_NAMES = /^(?:L|Lu|Ll|Lt|N|Nd|P|S|Z|Zs|M|IsAlphabetic|IsLetter)$/

/** The class that `\p{name}` stands for, or undefined. */
export function namedClass(name: string): CharTest | undefined {
  const posix = POSIX_CLASSES.get(name)
  if (posix !== undefined || !UNICODE_NAMES.test(name)) return posix
  const property = name.startsWith('Is') ? 'Alphabetic' : name
  const pattern = new RegExp(`^\\p{${property}}$`, 'u')
  return (code) => pattern.test(String.fromCodePoint(code))
}

const POSIX_CLASSES: ReadonlyMap<string, CharTest> = new Map([
  ['Lower', LOWER],
  ['Upper', UPPER],
  ['ASCII', between(0, 0x7f)],
  ['Alpha', isAlpha],
  ['Digit', DIGIT],
  ['Alnum', isAlnum],
  ['Punct', (code: number) => GRAPHIC(code) && !isAlnum(code)],
  ['Graph', GRAPHIC],
  ['Print', between(0x20, 0x7e)],
  ['Blank', (code: number) => code === 0x20 || code === 0x09],
  ['Cntrl', (code: number) => code < 0x20 || code === 0x7f],
  [
    'XDigit',
    (code: number) => DIGIT(code) || between(0x41, 0x46)(code) || between(0x61, 0x66)(code),
  ],
  ['Space', isSpace],
])

/** Tests for one character, in both cases when `ignoreCase`. */
export function charTest(wanted: number, ignoreCase: boolean): CharTest {
  return ignoreCase ? foldCase((code) => code === wanted) : (code) => code === wanted
}

/** The test, also true for a letter whose other case passes it. ASCII only, as in Java. */
export function foldCase(test: CharTest): CharTest {
  return (code) => test(code) || (isAlpha(code) && test(code ^ 0x20))
}
