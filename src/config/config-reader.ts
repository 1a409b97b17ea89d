import { ConfigError } from './config.ts'

/** Reads one object of a JSON file, name by name; every mistake names its place. */
export type ConfigReader = {
  text(name: string, byDefault: string): string
  requiredText(name: string): string
  optionalText(name: string): string | null
  flag(name: string, byDefault: boolean): boolean
  /** More than 0. */
  number(name: string, byDefault: number): number
  /** More than 0; null when there is none. */
  optionalNumber(name: string): number | null
  /** A list of texts; empty when there is none. */
  list(name: string): readonly string[]
  /** All names of this object, each with a text. */
  texts(): ReadonlyMap<string, string>
  /** All names of this object, each with an object. */
  named(): ReadonlyMap<string, ConfigReader>
  part(name: string): ConfigReader
  optionalPart(name: string): ConfigReader | null
  parts(name: string): readonly ConfigReader[]
  mistake(name: string, expected: string, found: unknown): ConfigError
  /** Refuses names that nobody read: most are misspellings. */
  done(): void
}

/** Reads the JSON text of `file`; its outermost value must be an object. */
export function readConfigText(text: string, file: string): ConfigReader {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new ConfigError(`${file}: not JSON: ${(error as Error).message}`)
  }
  return openReader(value, file, [])
}

function openReader(value: unknown, file: string, path: readonly string[]): ConfigReader {
  const place = (name?: string) =>
    [file, [...path, ...(name ? [name] : [])].join('.')].filter((each) => each !== '').join(': ')
  const wrong = (name: string | undefined, expected: string, found: unknown) =>
    new ConfigError(
      `${place(name)}: expected ${expected}, found ${JSON.stringify(found) ?? 'nothing'}`,
    )
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(undefined, 'an object', value)
  }
  const members = new Map(Object.entries(value))
  const read = new Set<string>()
  const children: ConfigReader[] = []

  const take = (name: string): unknown => {
    read.add(name)
    return members.get(name)
  }
  const typed = <T>(name: string, expected: string, isRight: (found: unknown) => found is T) => {
    const found = take(name)
    if (found === undefined || found === null) return null
    if (!isRight(found)) throw wrong(name, expected, found)
    return found
  }
  const child = (name: string, found: unknown): ConfigReader => {
    const reader = openReader(found, file, [...path, name])
    children.push(reader)
    return reader
  }
  return {
    text: (name, byDefault) => typed(name, 'a text', isText) ?? byDefault,
    requiredText: (name) => {
      const found = typed(name, 'a text', isText)
      if (found === null) throw wrong(name, 'a text', undefined)
      return found
    },
    optionalText: (name) => typed(name, 'a text', isText),
    flag: (name, byDefault) => typed(name, 'true or false', isFlag) ?? byDefault,
    number: (name, byDefault) => typed(name, 'a number above 0', isPositive) ?? byDefault,
    optionalNumber: (name) => typed(name, 'a number above 0', isPositive),
    list: (name) => typed(name, 'a list of texts', isTextList) ?? [],
    texts: () =>
      new Map(
        [...members].map(([name, found]) => {
          read.add(name)
          if (!isText(found)) throw wrong(name, 'a text', found)
          return [name, found]
        }),
      ),
    named: () => new Map([...members.keys()].map((name) => [name, child(name, take(name))])),
    part: (name) => child(name, take(name) ?? {}),
    optionalPart: (name) => {
      const found = take(name)
      return found === undefined || found === null ? null : child(name, found)
    },
    parts: (name) =>
      (typed(name, 'a list', (found): found is unknown[] => Array.isArray(found)) ?? []).map(
        (each, index) => child(`${name}[${index}]`, each),
      ),
    mistake: wrong,
    done: () => {
      const unknown = [...members.keys()].find((name) => !read.has(name) && name !== '$schema')
      if (unknown !== undefined) {
        throw new ConfigError(
          `${place(unknown)}: there is no such setting; here may stand ${[...read].join(', ')}`,
        )
      }
      for (const each of children) each.done()
    },
  }
}

function isText(found: unknown): found is string {
  return typeof found === 'string'
}

function isFlag(found: unknown): found is boolean {
  return typeof found === 'boolean'
}

function isPositive(found: unknown): found is number {
  return typeof found === 'number' && found > 0
}

function isTextList(found: unknown): found is readonly string[] {
  return Array.isArray(found) && found.every(isText)
}
