import type { FieldValue } from '../../schema/field-value.ts'
import type { ObjectDefinition } from '../../schema/object-definition.ts'
import type { EvaluationContext } from '../evaluation-context.ts'
import { compileExpression } from './compile-expression.ts'
import { FormulaError, type FormulaErrorCode, FormulaRuntimeError } from './errors.ts'
import { commonType, dayOfInstant, type Expression, type FormulaType } from './expression.ts'
import {
  type BlankMode,
  type FormulaFieldCache,
  type FormulaWarning,
  type Guesses,
  type IdMode,
  type ResolveName,
  refuse,
  type Scope,
  type Watch,
} from './scope.ts'
import { writeDay, writeInstant, writeTimeOfDay } from './values/calendar.ts'
import { writeNum } from './values/number.ts'
import { startOfDay } from './values/zone.ts'

/** What a formula may be asked to give. Number stands for currency and percent too. */
export type ReturnType = 'Number' | 'Text' | 'Boolean' | 'Date' | 'DateTime' | 'Time'

export type CompileOptions = {
  /** The object whose records the formula is evaluated for. */
  readonly object: ObjectDefinition
  /** Finds parents' and settings' definitions, whatever the name's case. */
  readonly objects: (name: string) => ObjectDefinition | undefined
  readonly blanks: BlankMode
  /** Default `short`. */
  readonly ids?: IdMode
  readonly returnType?: ReturnType
  /** Hand the same map to many compilations of one org: formula fields are then compiled once. */
  readonly formulaFields?: FormulaFieldCache
  readonly watch?: Watch
  /** What the formula may name besides fields and globals. */
  readonly names?: ResolveName
}

/** A formula's typed expression, for those who compare or keep its value themselves. */
export type CompiledValue = Pick<
  CompiledFormula,
  'paths' | 'usesHistory' | 'readsSecret' | 'warnings'
> & {
  readonly kind: 'compiled'
  readonly expression: Expression
}

export type CompiledFormula = {
  readonly kind: 'compiled'
  readonly type: FormulaType
  /**
   * The value as fields keep it: numbers canonical decimal strings (a percentage as its fraction), blank
   * texts null. Throws FormulaRuntimeError.
   */
  readonly evaluate: (context: EvaluationContext) => FieldValue
  /** Whether the result is true; null is not. Throws FormulaRuntimeError. */
  readonly holds: (context: EvaluationContext) => boolean
  /** Ways to the parents to be read beforehand, as reference fields from the record: `['AccountId', 'OwnerId']`. */
  readonly paths: readonly (readonly string[])[]
  /** Whether it asks what the record was before: ISCHANGED, PRIORVALUE, ISNEW. */
  readonly usesHistory: boolean
  /** Whether it reads a field that holds a secret: its values are not for everybody's eyes. */
  readonly readsSecret: boolean
  readonly warnings: readonly FormulaWarning[]
}

export type BrokenFormula = { readonly kind: 'broken'; readonly error: FormulaError }

/** What a wrong guess of a field's type leads to. */
const GUESS_ERRORS: ReadonlySet<FormulaErrorCode> = new Set([
  'FORMULA_ARGUMENT_TYPE',
  'FORMULA_RETURN_TYPE',
  'FORMULA_FIELD_BROKEN',
])

/**
 * Compiles a formula; what is wrong with it is an outcome, not thrown. Linear in the text. Where it does not
 * fit the guessed types of fields that no file describes, those are taken to be of unknown type.
 */
export function compileFormula(
  text: string,
  options: CompileOptions,
): CompiledFormula | BrokenFormula {
  const compiled = compileValue(text, options)
  if (compiled.kind === 'broken') return compiled
  const { expression, ...rest } = compiled
  return {
    ...rest,
    type: expression.type,
    evaluate: fieldValueOf(expression),
    holds: (context) => expression.run(context) === true,
  }
}

/** Compiles a formula as `compileFormula` does, and leaves its value as it is computed. */
export function compileValue(text: string, options: CompileOptions): CompiledValue | BrokenFormula {
  const guesses = { believed: true, used: false }
  const compiled = compileWith(text, options, guesses)
  const isGuess = guesses.used && compiled.kind === 'broken'
  if (!isGuess || !GUESS_ERRORS.has(compiled.error.errorCode)) return compiled
  return compileWith(text, options, { believed: false, used: true })
}

function compileWith(
  text: string,
  options: CompileOptions,
  guesses: Guesses,
): CompiledValue | BrokenFormula {
  const scope: Scope = {
    text,
    names: options.names ?? null,
    object: options.object,
    objects: options.objects,
    blanks: options.blanks,
    ids: options.ids ?? 'short',
    guesses,
    cache: options.formulaFields ?? new Map(),
    open: [],
    warnings: [],
    paths: new Map(),
    usesHistory: false,
    cost: 0,
    outerDepth: 0,
    ownDepth: 0,
    innerDepth: 0,
    secretReads: 0,
    watch: options.watch ?? null,
  }
  try {
    const { expression } = compileExpression(scope)
    const typed = options.returnType ? returned(expression, options.returnType, scope) : expression
    const readsSecret = scope.secretReads > 0
    return {
      kind: 'compiled',
      expression: readsSecret ? discreet(typed) : typed,
      paths: [...scope.paths.values()],
      usesHistory: scope.usesHistory,
      readsSecret,
      warnings: scope.warnings,
    }
  } catch (error) {
    if (error instanceof FormulaError) return { kind: 'broken', error }
    throw error
  }
}

/** Fits the result to the wanted type: a date and a date-time become each other, nothing else does. */
function returned(expression: Expression, wanted: ReturnType, scope: Scope): Expression {
  if (expression.type === 'DateTime' && wanted === 'Date') {
    return { type: 'Date', run: dayOfInstant(expression.run) }
  }
  if (expression.type === 'Date' && wanted === 'DateTime') {
    const { run } = expression
    return {
      type: 'DateTime',
      run: (context) => {
        const day = run(context)
        return day === null ? null : startOfDay(context.org.timeZone, day)
      },
    }
  }
  if (commonType(expression.type, wanted) !== null) return expression
  const message = `the formula gives ${expression.type}, expected ${wanted}`
  return refuse(scope, 0, 'FORMULA_RETURN_TYPE', message)
}

/** The expression's value as fields keep it. Throws FormulaRuntimeError when it is asked for. */
export function fieldValueOf(expression: Expression): (context: EvaluationContext) => FieldValue {
  switch (expression.type) {
    case 'Number':
      return written(expression.run, writeNum)
    case 'Date':
      return written(expression.run, writeDay)
    case 'DateTime':
      return written(expression.run, writeInstant)
    case 'Time':
      return written(expression.run, (ms) => `${writeTimeOfDay(ms)}Z`)
    case 'Text':
    case 'Picklist':
    case 'MultiPicklist':
      return written(expression.run, (text) => (text === '' ? null : text))
    case 'Boolean':
      return expression.run
    case 'Location':
      return written(expression.run, ({ latitude, longitude }) => `${latitude};${longitude}`)
    default:
      return () => null
  }
}

function written<Value>(
  run: (context: EvaluationContext) => Value | null,
  write: (value: Value) => FieldValue,
): (context: EvaluationContext) => FieldValue {
  return (context) => {
    const value = run(context)
    return value === null ? null : write(value)
  }
}

/** The expression of a formula that reads secrets: its errors, which are logged and shown, quote no values. */
function discreet(expression: Expression): Expression {
  const run = (context: EvaluationContext) => {
    try {
      return expression.run(context)
    } catch (error) {
      if (!(error instanceof FormulaRuntimeError)) throw error
      const { errorCode, at } = error
      const message = `no result (${errorCode}): it reads a secret, so its values are not told`
      throw new FormulaRuntimeError(errorCode, message, at)
    }
  }
  return { ...expression, run } as Expression
}
