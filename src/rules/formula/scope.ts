import type { ObjectDefinition } from '../../schema/object-definition.ts'
import { FormulaError, type FormulaErrorCode, type FormulaPlace, placeOf } from './errors.ts'
import type { Expression, FormulaType } from './expression.ts'
import type { SyntaxNode } from './parse/syntax.ts'

/** `asNull`: a blank number stays null (rules). `asZero`: it reads 0 (formula fields by default). */
export type BlankMode = 'asNull' | 'asZero'

/** `short`: ids have 15 characters, as in all formulas of rules and fields. `long`: 18, as in flows. */
export type IdMode = 'short' | 'long'

/**
 * What becomes of fields whose type is only a guess: believed at first; where the formula does not compile
 * so, they are of unknown type.
 */
export type Guesses = { readonly believed: boolean; used: boolean }

export type FormulaWarningCode =
  | 'FORMULA_UNKNOWN_FIELD'
  | 'FORMULA_UNKNOWN_GLOBAL'
  | 'FORMULA_UNKNOWN_TYPE'
  | 'FORMULA_PICKLIST_AS_TEXT'

/** Something a formula compiles in spite of. */
export type FormulaWarning = {
  readonly code: FormulaWarningCode
  readonly message: string
  readonly at: FormulaPlace
}

/** A formula field, compiled: shared by all formulas that refer to it. */
export type FormulaFieldEntry = {
  readonly expression: Expression
  readonly paths: readonly (readonly string[])[]
  readonly cost: number
  readonly depth: number
  readonly readsSecret: boolean
}

/** Compiled formula fields by `Object.Field`, kept from one formula to the next. */
export type FormulaFieldCache = Map<string, FormulaFieldEntry | FormulaError>

/** Sees each part of a formula when it is compiled, innermost first, and may note what it evaluates to. */
export type Watch = (
  node: SyntaxNode,
  part: { readonly expression: Expression; readonly readsSecret: boolean },
) => Expression

/** Gives names a meaning of their own; undefined leaves a name to what formulas know by themselves. */
export type ResolveName = (name: string, at: number, scope: Scope) => Expression | undefined

/** What a formula is compiled in. The counters and lists grow meanwhile. */
export type Scope = {
  readonly text: string
  /** Whoever has names besides fields and globals, as a flow has: not asked inside formula fields. */
  readonly names: ResolveName | null
  readonly object: ObjectDefinition
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly blanks: BlankMode
  readonly ids: IdMode
  readonly guesses: Guesses
  readonly cache: FormulaFieldCache
  /** The formula fields whose compilation led here, as `Object.Field`. */
  readonly open: readonly string[]
  readonly warnings: FormulaWarning[]
  /** By their steps joined with a point. */
  readonly paths: Map<string, readonly string[]>
  /** Whether ISCHANGED, PRIORVALUE or ISNEW occur. */
  usesHistory: boolean
  /** Parts to evaluate, those of formula fields included, each as often as it is referred to. */
  cost: number
  /** Levels of the formulas that led here, of this one, and of the deepest formula field it refers to. */
  readonly outerDepth: number
  ownDepth: number
  innerDepth: number
  /** How often a field that holds a secret is read, by formula fields too. */
  secretReads: number
  /** Null but where the formula's evaluation is to be told part by part. */
  readonly watch: Watch | null
}

/** Most parts a formula may have once its formula fields are counted in. */
export const COST_MAX = 2_000_000

/** Throws the FormulaError with the place of `at`, an offset into the scope's text. */
export function refuse(scope: Scope, at: number, code: FormulaErrorCode, message: string): never {
  throw new FormulaError(code, message, placeOf(scope.text, at))
}

export function warn(scope: Scope, at: number, code: FormulaWarningCode, message: string): void {
  scope.warnings.push({ code, message, at: placeOf(scope.text, at) })
}

/** Throws FORMULA_ARGUMENT_TYPE, saying what `what` takes and what came. */
export function refuseType(
  scope: Scope,
  at: number,
  what: string,
  types: { readonly wanted: string; readonly found: FormulaType },
): never {
  const message = `${what} expects ${types.wanted}, found ${types.found}`
  return refuse(scope, at, 'FORMULA_ARGUMENT_TYPE', message)
}

/** Counts parts of the formula; throws FORMULA_TOO_BIG when there are too many. */
export function spend(scope: Scope, at: number, cost: number): void {
  scope.cost += cost
  if (scope.cost > COST_MAX) {
    const message = `with its formula fields the formula has more than ${COST_MAX} parts`
    refuse(scope, at, 'FORMULA_TOO_BIG', message)
  }
}

/** Most parents' paths a formula may need, those of its formula fields included. */
const PATHS_MAX = 500

/** Notes a way to a parent; throws FORMULA_TOO_BIG when there are too many. */
export function addPath(scope: Scope, at: number, path: readonly string[]): void {
  scope.paths.set(path.join('.'), path)
  if (scope.paths.size > PATHS_MAX) {
    refuse(
      scope,
      at,
      'FORMULA_TOO_BIG',
      `the formula goes to parents in more than ${PATHS_MAX} ways`,
    )
  }
}
