import type { FieldValue } from '../../schema/field-value.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import type { FormulaPlace } from '../formula/errors.ts'
import type { SyntaxNode } from '../formula/parse/syntax.ts'
import { cutText } from './shown-value.ts'

/** How a formula was evaluated for one record. */
export type FormulaTrace = {
  readonly formula: string
  /** Of a rule's formula true, or what counts as false. */
  readonly result: FieldValue
  /** Why it has no result. */
  readonly error: string | null
  /** The fields it looked at, each once. */
  readonly values: readonly FieldSeen[]
  /** Null when the formula is too long to be told part by part. */
  readonly root: PartTrace | null
  /** Parts that are not told: there were too many, or they lie too deep. */
  readonly leftOut: number
}

/** A field with the value that a formula saw. */
export type FieldSeen = {
  readonly name: string
  readonly value: FieldValue
  /** Where the formula asked for it too: the value before the save. */
  readonly before?: FieldValue
}

/** A part of a formula, as AND(…), a comparison or a field, with what it came to. Literals are none. */
export type PartTrace = {
  readonly kind: 'call' | 'operation' | 'field' | 'literal'
  /** The function or the operator; the name of a field. */
  readonly name: string
  /** As the formula spells it. */
  readonly text: string
  readonly from: FormulaPlace
  /** Of its last character. */
  readonly to: FormulaPlace
  readonly state: 'evaluated' | 'not evaluated' | 'failed'
  readonly value: FieldValue
  /** What ISCHANGED and PRIORVALUE compare with; absent where the record is new. */
  readonly before?: FieldValue
  readonly error?: string
  /** The definitions have no such field: it counts as blank. */
  readonly isUnknown?: true
  readonly parts: readonly PartTrace[]
}

/** What a part of a formula came to in the evaluation in hand. */
export type Cell = {
  state: 'not evaluated' | 'evaluated' | 'failed'
  value: FieldValue
  error: string | null
  readonly readsSecret: boolean
  readonly isUnknown: boolean
  /** Evaluates the part by itself. */
  read: (context: EvaluationContext) => FieldValue
}

type Watched = {
  readonly root: SyntaxNode
  readonly cells: ReadonlyMap<SyntaxNode, Cell>
  readonly lineStarts: readonly number[]
}

type Telling = Watched & {
  readonly text: string
  readonly context: EvaluationContext
  readonly values: Map<string, FieldSeen>
  told: number
  leftOut: number
}

/** A formula is told up to so many parts, and so many levels. */
const PARTS_MAX = 200
const LEVELS_MAX = 40

/** What the cells hold after an evaluation, as a tree like the formula's. */
export function traceParts(
  text: string,
  watched: Watched,
  context: EvaluationContext,
): Pick<FormulaTrace, 'values' | 'root' | 'leftOut'> {
  const telling = { ...watched, text, context, values: new Map(), told: 0, leftOut: 0 }
  const root = tell(watched.root, telling, 1)
  return { root, values: [...telling.values.values()], leftOut: telling.leftOut }
}

function tell(node: SyntaxNode, telling: Telling, level: number): PartTrace {
  telling.told += 1
  const cell = telling.cells.get(node)
  const state = cell?.state ?? 'not evaluated'
  const parts = state === 'not evaluated' ? [] : tellParts(node, telling, level)
  const part: PartTrace = {
    ...namedAs(node),
    text: cutText(telling.text.slice(node.from, node.to)),
    from: placeAt(node.from, telling),
    to: placeAt(Math.max(node.from, node.to - 1), telling),
    state,
    value: state === 'evaluated' ? (cell?.value ?? null) : null,
    ...(state === 'failed' && cell?.error ? { error: cell.error } : {}),
    ...(cell?.isUnknown && node.kind === 'name' ? { isUnknown: true as const } : {}),
    parts,
  }
  if (part.kind === 'field' && state === 'evaluated') noteField(part, telling)
  return part
}

function tellParts(node: SyntaxNode, telling: Telling, level: number): readonly PartTrace[] {
  const inner = innerOf(node).filter((each) => namedAs(each).kind !== 'literal')
  const [field] = inner
  const isHistory = node.kind === 'call' && HISTORY.has(node.name)
  if (isHistory && field?.kind === 'name') return [tellChange(field, telling)]
  return inner.flatMap((each) => {
    if (level < LEVELS_MAX && telling.told < PARTS_MAX) return [tell(each, telling, level + 1)]
    telling.leftOut += 1
    return []
  })
}

const HISTORY: ReadonlySet<string> = new Set(['ISCHANGED', 'PRIORVALUE'])

/** Such a call does not evaluate its field, it looks at it now and before the save. */
function tellChange(node: SyntaxNode, telling: Telling): PartTrace {
  const { context } = telling
  const cell = telling.cells.get(node)
  const told = tell(node, telling, LEVELS_MAX)
  const now: PartTrace = { ...told, state: 'evaluated', value: cell?.read(context) ?? null }
  const { before: record } = context
  const part =
    record === null ? now : { ...now, before: cell?.read({ ...context, record }) ?? null }
  noteField(part, telling)
  return part
}

function noteField({ name, value, before }: PartTrace, { values }: Telling): void {
  const key = name.toLowerCase()
  const known = values.get(key)
  const then = before === undefined ? known?.before : before
  values.set(key, {
    name,
    value: before === undefined ? (known?.value ?? value) : value,
    ...(then === undefined ? {} : { before: then }),
  })
}

function namedAs(node: SyntaxNode): Pick<PartTrace, 'kind' | 'name'> {
  switch (node.kind) {
    case 'name':
      return { kind: 'field', name: node.name }
    case 'call':
      return { kind: 'call', name: node.name }
    case 'unary':
      return { kind: 'operation', name: node.operator }
    case 'chain':
      return { kind: 'operation', name: node.rest[0]?.operator ?? '' }
    default:
      return { kind: 'literal', name: node.kind }
  }
}

function innerOf(node: SyntaxNode): readonly SyntaxNode[] {
  switch (node.kind) {
    case 'unary':
      return [node.operand]
    case 'chain':
      return [node.first, ...node.rest.map((link) => link.operand)]
    case 'call':
      return node.args
    default:
      return []
  }
}

/** The last line that starts at or before the offset. */
function placeAt(offset: number, { lineStarts }: Telling): FormulaPlace {
  let [low, high] = [0, lineStarts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 }
}
