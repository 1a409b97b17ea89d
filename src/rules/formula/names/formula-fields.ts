import type { FieldDefinition } from '../../../schema/object-definition.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import { compileExpression } from '../compile-expression.ts'
import { FormulaError, type FormulaErrorCode, placeOf } from '../errors.ts'
import { dayOfInstant, type Expression, isOpen, type Run, withRun } from '../expression.ts'
import { textRun } from '../functions/call.ts'
import { addPath, type FormulaFieldEntry, refuse, type Scope, spend } from '../scope.ts'
import type { LocatedField } from './fields.ts'

/**
 * Compiles a reference to a field that is itself a formula: its own formula, with its own treatment of
 * blanks, evaluated for the record it is found on.
 */
export function formulaFieldExpression(field: LocatedField, scope: Scope): Expression {
  const entry = entryOf(field, scope)
  spend(scope, field.at, entry.cost)
  scope.innerDepth = Math.max(scope.innerDepth, entry.depth)
  if (entry.readsSecret) scope.secretReads += 1
  for (const path of entry.paths) {
    addPath(scope, field.at, [...field.path, ...path])
  }
  return located(entry.expression, field, scope)
}

/** Errors that concern the referring formula as much as the field. */
const PASSED_ON: ReadonlySet<FormulaErrorCode> = new Set([
  'FORMULA_FIELD_CYCLE',
  'FORMULA_TOO_BIG',
  'FORMULA_TOO_DEEP',
])

function entryOf(field: LocatedField, scope: Scope): FormulaFieldEntry {
  const key = `${field.object.name}.${field.definition.name}`
  const cacheKey = scope.guesses.believed ? key : `${key} without guesses`
  if (scope.open.includes(key)) {
    const message = `the formula field ${key} refers to itself: ${[...scope.open, key].join(' → ')}`
    refuse(scope, field.at, 'FORMULA_FIELD_CYCLE', message)
  }
  const known = scope.cache.get(cacheKey) ?? compileEntry(field, scope, key)
  // Too deep depends on what led here, so it is found out anew.
  const isFinal = !(known instanceof FormulaError) || known.errorCode !== 'FORMULA_TOO_DEEP'
  if (isFinal) scope.cache.set(cacheKey, known)
  if (!(known instanceof FormulaError)) return known
  scope.guesses.used = true // perhaps: the field was compiled for another formula
  if (PASSED_ON.has(known.errorCode)) {
    throw new FormulaError(known.errorCode, known.message, placeOf(scope.text, field.at))
  }
  const message = `the formula field ${key} is broken: ${known.message}`
  return refuse(scope, field.at, 'FORMULA_FIELD_BROKEN', message)
}

function compileEntry(
  field: LocatedField,
  scope: Scope,
  key: string,
): FormulaFieldEntry | FormulaError {
  const { definition, object } = field
  const inner: Scope = {
    ...scope,
    names: null,
    text: definition.formula ?? '',
    object,
    blanks: definition.blanksAs === 'blank' ? 'asNull' : 'asZero',
    ids: 'short',
    open: [...scope.open, key],
    warnings: [],
    paths: new Map(),
    usesHistory: false,
    cost: 0,
    outerDepth: scope.outerDepth + scope.ownDepth,
    ownDepth: 0,
    innerDepth: 0,
    secretReads: 0,
    watch: null,
  }
  try {
    const { expression, depth } = compileExpression(inner)
    return {
      expression: ofFieldType(expression, definition, inner),
      paths: [...inner.paths.values()],
      cost: inner.cost + 1,
      depth,
      readsSecret: inner.secretReads > 0,
    }
  } catch (error) {
    if (error instanceof FormulaError) return error
    throw error
  }
}

/** The value as the field's type has it: a date loses its time, a checkbox is never null. */
function ofFieldType(
  expression: Expression,
  definition: FieldDefinition,
  scope: Scope,
): Expression {
  const { type } = expression
  switch (definition.type) {
    case 'boolean':
      if (type === 'Boolean' || isOpen(expression)) {
        const { run } = expression
        return { type: 'Boolean', run: (context) => run(context) === true }
      }
      break
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      if (type === 'Number' || type === 'Null' || type === 'Unknown') {
        return { type: 'Number', run: expression.run }
      }
      break
    case 'date':
      if (type === 'DateTime') return { type: 'Date', run: dayOfInstant(expression.run) }
      if (type === 'Date' || type === 'Null' || type === 'Unknown')
        return { type: 'Date', run: expression.run }
      break
    case 'datetime':
    case 'time': {
      const wanted = definition.type === 'time' ? 'Time' : 'DateTime'
      if (type === wanted || type === 'Null' || type === 'Unknown')
        return { type: wanted, run: expression.run }
      break
    }
    default: {
      const run = textRun(expression)
      if (run !== null)
        return { type: type === 'Picklist' || type === 'MultiPicklist' ? type : 'Text', run }
    }
  }
  const message = `its result is ${type}, the field ${definition.name} is a ${definition.type}`
  return refuse(scope, 0, 'FORMULA_RETURN_TYPE', message)
}

/** The field's expression, evaluated for the record where it is found. */
function located(expression: Expression, field: LocatedField, scope: Scope): Expression {
  const found = withRun(expression, (run) => there(run, field))
  const own = field.locate === null ? { field: field.definition } : {}
  if (found.type === 'Number' && scope.blanks === 'asZero') {
    const { run } = found
    return { ...own, type: 'Number', run: (context) => run(context) ?? 0 }
  }
  if (found.type === 'Boolean') {
    const { run } = found
    return { ...own, type: 'Boolean', run: (context) => run(context) === true }
  }
  return { ...found, ...own }
}

function there<Value>(run: Run<Value>, { locate, object }: LocatedField): Run<Value> {
  if (locate === null) return run
  return (context: EvaluationContext) => {
    const record = locate(context)
    if (record === null || record.objectName !== object.name) return null
    return run({ ...context, record, before: record, isNew: false })
  }
}
