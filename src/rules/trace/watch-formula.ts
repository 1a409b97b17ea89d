import type { FieldValue } from '../../schema/field-value.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import {
  type CompiledFormula,
  type CompileOptions,
  compileFormula,
} from '../formula/compile-formula.ts'
import { FormulaRuntimeError } from '../formula/errors.ts'
import type { Expression, Run } from '../formula/expression.ts'
import type { SyntaxNode } from '../formula/parse/syntax.ts'
import type { Watch } from '../formula/scope.ts'
import { writeDay, writeInstant, writeTimeOfDay } from '../formula/values/calendar.ts'
import { writeNum } from '../formula/values/number.ts'
import { type Cell, type FormulaTrace, traceParts } from './formula-trace.ts'
import { cutText, shownValue } from './shown-value.ts'

/** A formula that is evaluated to be told. Does the same as the compiled one, slower. */
export type WatchedFormula = (context: EvaluationContext) => FormulaTrace

/** Longer formulas are told by their result alone. Salesforce allows 3,900 characters. */
export const WATCHED_LENGTH_MAX = 20_000

/** Compiles a formula so that each part tells what it came to; null when it is broken. */
export function watchFormula(text: string, options: CompileOptions): WatchedFormula | null {
  const cells = new Map<SyntaxNode, Cell>()
  let root: SyntaxNode | null = null
  const watch: Watch = (node, part) => {
    root = node // Each part comes after its own parts, so the last one is the whole.
    const { cell, expression } = observed(part)
    cells.set(node, cell)
    return expression
  }
  const isLong = text.length > WATCHED_LENGTH_MAX
  const compiled = compileFormula(text, isLong ? options : { ...options, watch })
  if (compiled.kind === 'broken') return null
  const parts = root === null ? null : { root, cells, lineStarts: lineStartsOf(text) }
  return (context) => {
    for (const cell of cells.values()) cell.state = 'not evaluated'
    const came = outcomeOf(compiled, context)
    const told = parts === null ? null : traceParts(text, parts, context)
    return {
      formula: cutText(text, FORMULA_SHOWN_MAX),
      ...came,
      values: told?.values ?? [],
      root: told?.root ?? null,
      leftOut: told?.leftOut ?? 0,
    }
  }
}

/** Salesforce's own limit of a formula, and some. */
const FORMULA_SHOWN_MAX = 4000

function outcomeOf(
  compiled: CompiledFormula,
  context: EvaluationContext,
): Pick<FormulaTrace, 'result' | 'error'> {
  try {
    return { result: shownValue(compiled.evaluate(context), compiled.readsSecret), error: null }
  } catch (error) {
    if (!(error instanceof FormulaRuntimeError)) throw error
    return { result: null, error: errorOf(error, compiled.readsSecret) }
  }
}

/** Messages may quote what they could not read. */
function errorOf(error: FormulaRuntimeError, readsSecret: boolean): string {
  return readsSecret ? error.errorCode : cutText(error.message)
}

type Part = { readonly expression: Expression; readonly readsSecret: boolean }

function observed(part: Part): { readonly cell: Cell; readonly expression: Expression } {
  const { expression, readsSecret } = part
  const cell: Cell = {
    state: 'not evaluated',
    value: null,
    error: null,
    readsSecret,
    isUnknown: expression.type === 'Unknown',
    read: () => null,
  }
  return { cell, expression: noted(expression, cell) }
}

function noted(expression: Expression, cell: Cell): Expression {
  switch (expression.type) {
    case 'Number':
      return { ...expression, run: noting(expression.run, cell, writeNum) }
    case 'Date':
      return { ...expression, run: noting(expression.run, cell, writeDay) }
    case 'DateTime':
      return { ...expression, run: noting(expression.run, cell, writeInstant) }
    case 'Time':
      return { ...expression, run: noting(expression.run, cell, (ms) => `${writeTimeOfDay(ms)}Z`) }
    case 'Boolean':
      return { ...expression, run: noting(expression.run, cell, (value) => value) }
    case 'Text':
    case 'Picklist':
    case 'MultiPicklist':
      return { ...expression, run: noting(expression.run, cell, (text) => text) }
    case 'Location':
      return {
        ...expression,
        run: noting(expression.run, cell, ({ latitude, longitude }) => `${latitude};${longitude}`),
      }
    default:
      return { ...expression, run: noting(expression.run, cell, () => null) }
  }
}

function noting<Value>(
  run: Run<Value>,
  cell: Cell,
  write: (value: Value) => FieldValue,
): Run<Value> {
  const shown = (value: Value | null) =>
    shownValue(value === null ? null : write(value), cell.readsSecret)
  cell.read = (context) => shown(run(context))
  return (context) => {
    try {
      const value = run(context)
      cell.state = 'evaluated'
      cell.value = shown(value)
      return value
    } catch (error) {
      if (error instanceof FormulaRuntimeError) {
        cell.state = 'failed'
        cell.error = errorOf(error, cell.readsSecret)
      }
      throw error
    }
  }
}

/** Offsets of the lines' first characters. */
function lineStartsOf(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
