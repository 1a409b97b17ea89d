/**
 * A formula's syntax tree. Operators of one precedence are one flat chain, so that a long sum is not a
 * deep tree. `at` is an offset into the text; `depth` counts the levels below and including the node.
 */
export type SyntaxNode =
  | NumberNode
  | TextNode
  | {
      readonly kind: 'boolean'
      readonly value: boolean
      readonly at: number
      readonly depth: number
    }
  | { readonly kind: 'null'; readonly at: number; readonly depth: number }
  | NameNode
  | UnaryNode
  | ChainNode
  | CallNode

export type NumberNode = {
  readonly kind: 'number'
  readonly text: string
  readonly at: number
  readonly depth: number
}

export type TextNode = {
  readonly kind: 'text'
  readonly value: string
  readonly at: number
  readonly depth: number
}

/** A field, a path or a global: `Amount`, `Account.Owner.Name`, `$Profile.Name`. */
export type NameNode = {
  readonly kind: 'name'
  readonly name: string
  readonly at: number
  readonly depth: number
}

export type UnaryNode = {
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
  /** Grows, with `depth`, while the parser reads the chain. */
  rest: ChainLink[]
  readonly at: number
  depth: number
}

export type CallNode = {
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
