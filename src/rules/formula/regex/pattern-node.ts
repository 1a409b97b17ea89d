import type { CharTest } from './char-class.ts'

/** A regular expression's syntax tree. */
export type PatternNode =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'assert'; readonly holds: (text: readonly number[], at: number) => boolean }
  | { readonly kind: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly nodes: readonly PatternNode[] }
  | {
      readonly kind: 'repeat'
      readonly node: PatternNode
      readonly min: number
      readonly max: number | null
    }

/** A regular expression that is refused, and why. Caught where patterns are compiled. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}
