import type { WhereClause } from '@jetstreamapp/soql-parser-js'
import { malformed } from './soql-error.ts'

/** A condition of the parser: field or function, operator, value. */
export type Leaf = Exclude<WhereClause['left'], null>

/** The WHERE clause with the precedence that its parentheses give. */
export type ConditionNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly node: ConditionNode }
  | { readonly kind: 'leaf'; readonly leaf: Leaf }

type Token =
  | { readonly kind: '(' | ')' | 'AND' | 'OR' | 'NOT' }
  | { readonly kind: 'leaf'; readonly leaf: Leaf }

/**
 * Rebuilds the tree from the parser's list, which leans to the right and only counts parentheses.
 * AND and OR side by side without parentheses are refused, as at Salesforce.
 */
export function conditionTree(where: WhereClause, soql: string): ConditionNode {
  const tokens = tokensOf(where)
  let position = 0
  const next = () => tokens[position]?.kind

  const readOperand = (): ConditionNode => {
    let isNegated = false
    for (; next() === 'NOT'; position += 1) isNegated = !isNegated
    const node = readPrimary()
    return isNegated ? { kind: 'not', node } : node
  }

  const readPrimary = (): ConditionNode => {
    const token = tokens[position]
    position += 1
    switch (token?.kind) {
      case '(': {
        const inner = readChain()
        if (next() !== ')') throw malformed(soql, null, 'expecting a right parentheses')
        position += 1
        return inner
      }
      case 'leaf':
        return { kind: 'leaf', leaf: token.leaf }
      default:
        throw malformed(soql, null, 'expecting a condition')
    }
  }

  const readChain = (): ConditionNode => {
    const nodes = [readOperand()]
    const joint = next()
    while (next() === 'AND' || next() === 'OR') {
      if (next() !== joint) {
        throw malformed(
          soql,
          next() ?? null,
          `unexpected token: '${next()}': put parentheses around the ANDs or the ORs`,
        )
      }
      position += 1
      nodes.push(readOperand())
    }
    const [only] = nodes
    if (nodes.length === 1 && only) return only
    return { kind: joint === 'OR' ? 'or' : 'and', nodes }
  }

  const tree = readChain()
  if (position < tokens.length) throw malformed(soql, null, 'unexpected right parentheses')
  return tree
}

function tokensOf(where: WhereClause): readonly Token[] {
  const tokens: Token[] = []
  for (
    let rest: WhereClause | null = where;
    rest !== null;
    rest = 'right' in rest ? rest.right : null
  ) {
    const { left } = rest
    const isNegation = 'operator' in rest && rest.operator === 'NOT'
    for (let count = left?.openParen ?? 0; count > 0; count -= 1) tokens.push({ kind: '(' })
    if (left !== null && 'operator' in left) {
      tokens.push({ kind: 'leaf', leaf: left })
      const closeCount = left.closeParen ?? 0
      for (let count = closeCount; count > 0; count -= 1) tokens.push({ kind: ')' })
    }
    if (isNegation) tokens.push({ kind: 'NOT' })
    else if ('operator' in rest) tokens.push({ kind: rest.operator })
  }
  return tokens
}
