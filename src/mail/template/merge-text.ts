/** A text with merge fields in it: what stands there, and what is to be put in. */
export type MergeText = readonly MergePiece[]

type MergePiece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'merge'
      /** What stands between `{!` and `}`. */
      readonly expression: string
      /** Offset of its `{!` in the text. */
      readonly at: number
    }

/** Characters of one merge field: a formula of Salesforce has 3,900. */
const EXPRESSION_LENGTH_MAX = 10_000

/**
 * Finds the merge fields of a text, in linear time. A `}` in quotes does not end one; what has no end
 * stays as it is written.
 */
export function parseMergeText(text: string): MergeText {
  const pieces: MergePiece[] = []
  let done = 0
  const take = (end: number) => {
    if (end > done) pieces.push({ kind: 'text', text: text.slice(done, end) })
  }
  let at = text.indexOf('{!')
  while (at >= 0) {
    const { end, next } = endOf(text, at + 2)
    if (end !== null) {
      take(at)
      pieces.push({ kind: 'merge', expression: text.slice(at + 2, end).trim(), at })
      done = end + 1
    }
    at = text.indexOf('{!', next)
  }
  take(text.length)
  return pieces
}

/** Where the merge field that began before `from` ends, if it does, and where to look for the next. */
function endOf(text: string, from: number): { end: number | null; next: number } {
  let quote = ''
  const limit = Math.min(text.length, from + EXPRESSION_LENGTH_MAX)
  for (let index = from; index < limit; index += 1) {
    const char = text.charAt(index)
    // Another one begins: the first was none. So no character is looked at twice.
    if (char === '{' && text.charAt(index + 1) === '!') return { end: null, next: index }
    if (quote !== '') {
      if (char === '\\') index += 1
      else if (char === quote) quote = ''
    } else if (char === '"' || char === "'") quote = char
    else if (char === '}') return { end: index, next: index + 1 }
  }
  return { end: null, next: limit }
}

/** The expressions of a text, each once, in order. */
export function expressionsOf(...texts: readonly MergeText[]): readonly string[] {
  const all = texts.flatMap((text) =>
    text.flatMap((piece) => (piece.kind === 'merge' ? [piece.expression] : [])),
  )
  return [...new Set(all)]
}

/** The text with each merge field replaced by what `shown` answers. */
export function fillMergeText(text: MergeText, shown: (expression: string) => string): string {
  return text
    .map((piece) => (piece.kind === 'text' ? piece.text : shown(piece.expression)))
    .join('')
}
