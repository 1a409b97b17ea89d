/**
 * The alternatives of a criteria value, a comma list as in CSV: quotes keep a comma, doubled quotes are
 * one. Plain blanks around an alternative are dropped, a no-break space is not. '' stands for blank.
 */
export function readValueList(value: string): readonly string[] {
  const alternatives: string[] = []
  let at = 0
  for (;;) {
    while (isPlainBlank(value.charAt(at))) at += 1
    const quoted = value.charAt(at) === '"' ? readQuoted(value, at) : null
    if (quoted !== null) {
      alternatives.push(quoted.text)
      at = quoted.end
    } else {
      const comma = value.indexOf(',', at)
      const end = comma < 0 ? value.length : comma
      alternatives.push(trimEnd(value.slice(at, end)))
      at = end
    }
    if (at >= value.length) return alternatives
    at += 1
  }
}

/** A quoted alternative up to the comma behind it; null when the quote is no CSV quote but a character. */
function readQuoted(value: string, start: number): { text: string; end: number } | null {
  let text = ''
  let at = start + 1
  for (;;) {
    const quote = value.indexOf('"', at)
    if (quote < 0) return null
    text += value.slice(at, quote)
    at = quote + 1
    if (value.charAt(at) !== '"') break
    text += '"'
    at += 1
  }
  while (isPlainBlank(value.charAt(at))) at += 1
  return at >= value.length || value.charAt(at) === ',' ? { text, end: at } : null
}

function isPlainBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r'
}

function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && isPlainBlank(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}
