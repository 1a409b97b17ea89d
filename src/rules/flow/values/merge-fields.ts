import { refuseFlow } from '../flow-error.ts'

/** A part of a text: written out, or a name in `{!…}`. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }

const MERGE_FIELD = /\{!([^{}]*)\}/g

/** Takes a text with merge fields apart. */
export function mergedText(text: string): readonly TextPart[] {
  const parts: TextPart[] = []
  let end = 0
  for (const found of text.matchAll(MERGE_FIELD)) {
    if (found.index > end) parts.push({ kind: 'text', text: text.slice(end, found.index) })
    parts.push({ kind: 'name', name: (found[1] ?? '').trim() })
    end = found.index + found[0].length
  }
  if (end < text.length || parts.length === 0) parts.push({ kind: 'text', text: text.slice(end) })
  return parts
}

/** Pieces of a formula as far as braces matter. What has no end goes to the end, so that it takes linear time. */
const PIECE =
  /"(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?|\/\*[\s\S]*?(?:\*\/|$)|\{!|\}|[^"'/{}]+|[\s\S]/g

/**
 * A flow's formula as a plain one: the braces of `{!…}` become blanks, so that every character keeps its
 * place. Throws FlowError for a merge field inside a text, of which Salesforce's documents say nothing.
 */
export function withoutMergeBraces(formula: string): string {
  return formula.replaceAll(PIECE, (piece) => {
    if (piece === '{!') return '  '
    if (piece === '}') return ' '
    const isText = piece.startsWith('"') || piece.startsWith("'")
    if (isText && piece.includes('{!')) {
      refuseFlow(`the formula has a merge field inside the text ${piece.slice(0, 60)}`)
    }
    return piece
  })
}
