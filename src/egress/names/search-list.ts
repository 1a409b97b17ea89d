/** What `/etc/resolv.conf` says of names that are not whole. */
export type SearchList = {
  /** Domains in which a name is looked for. */
  readonly domains: readonly string[]
  /** A name with so many dots is first looked for as it is. */
  readonly dotsMin: number
}

/** As many as other resolvers take. */
const DOMAINS_MAX = 32

/** Reads `search`, `domain` and `options ndots:`; of several the last counts. */
export function parseSearchList(text: string): SearchList {
  let domains: readonly string[] = []
  let dotsMin = 1
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'search') domains = words.slice(0, DOMAINS_MAX)
    else if (keyword === 'domain') domains = words.slice(0, 1)
    else if (keyword === 'options') {
      const dots = words.map((word) => /^ndots:(\d+)$/.exec(word)?.[1]).find((each) => each)
      if (dots !== undefined) dotsMin = Math.min(Number(dots), 15)
    }
  }
  return { domains: domains.map((each) => each.replace(/^\.|\.$/g, '')).filter(Boolean), dotsMin }
}

/** The whole names to ask for, in order. A dot at the end says that the name is whole. */
export function wholeNames(name: string, { domains, dotsMin }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const searched = domains.map((domain) => `${name}.${domain}`)
  const dots = name.split('.').length - 1
  return dots >= dotsMin ? [name, ...searched] : [...searched, name]
}
