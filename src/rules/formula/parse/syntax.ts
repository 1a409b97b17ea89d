/**
 * A formula's syntax tree. Operators of one precedence are one flat chain, so that a long sum is not a
 * deep tree. `at` is an offset into the text; `depth` counts the levels below and including the node.
 */
export type SyntaxNode =
  | NumberNode
  | TextNode
  | (Span & {
      readonly kind: 'boolean'
      readonly value: boolean
      readonly at: number
      readonly depth: number
    })
  | (Span & { readonly kind: 'null'; readonly at: number; readonly depth: number })
  | NameNode
  | UnaryNode
  | ChainNode
  | CallNode

/** The node's text, its own parentheses included: from the first offset up to the second. */
export type Span = { readonly from: number; readonly to: number }

export type NumberNode = Span & {
  readonly kind: 'number'
  readonly text: string
  readonly at: number
  readonly depth: number
}

export type TextNode = Span & {
  readonly kind: 'text'
  readonly value: string
  readonly at: number
  readonly depth: number
}

/** A field, a path or a global: `Amount`, `Account.Owner.Name`, `$Profile.Name`. */
export type NameNode = Span & {
  readonly kind: 'name'
  readonly name: string
  readonly at: number
  readonly depth: number
}

export type UnaryNode = Span & {
  readonly kind: 'unary'
  readonly operator: '-' | '+' | '!'
  readonly operand: SyntaxNode
  readonly at: number
  readonly depth: number
}

export type ChainLink = {
  readonly operator: BinaryOperator
  readonly operand: SyntaxNode
  readonly at: number
}

export type ChainNode = {
  readonly kind: 'chain'
  readonly precedence: number
  readonly first: SyntaxNode
  /** Grows, with `depth` and `to`, while the parser reads the chain. */
  rest: ChainLink[]
  readonly at: number
  readonly from: number
  to: number
  depth: number
}

export type CallNode = Span & {
  readonly kind: 'call'
  /** In capitals. */
  readonly name: string
  readonly args: readonly SyntaxNode[]
  readonly at: number
  readonly depth: number
}

export type BinaryOperator =
  | '||'
  | '&&'
  | '='
  | '<>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '+'
  | '-'
  | '&'
  | '^'
  | '*'
  | '/'
