import { Decimal } from 'decimal.js'
import { compileValue, type ReturnType } from '../../formula/compile-formula.ts'
import { commonType, type Expression, isTextual, type Run } from '../../formula/expression.ts'
import { readDay, readInstant, realDay } from '../../formula/values/calendar.ts'
import { toNum } from '../../formula/values/number.ts'
import { roundTo } from '../../formula/values/rounding.ts'
import type { FlowResource, FlowValue } from '../flow-definition.ts'
import { FlowError, refuseFlow } from '../flow-error.ts'
import { type FlowScope, passSecret, variableKey } from '../flow-scope.ts'
import { flowNames } from './flow-names.ts'
import { mergedText, withoutMergeBraces } from './merge-fields.ts'

/** Compiles a value of a flow's file. Throws FlowError for what is not understood. */
export function compileFlowValue(value: FlowValue, scope: FlowScope): Expression {
  switch (value.kind) {
    case 'none':
      return { type: 'Null', run: () => null }
    case 'reference':
      return compileReference(value.name, scope)
    case 'literal':
      return literalOf(value.type, value.text, scope)
    case 'unsupported':
      return refuseFlow(`a value in <${value.element}> is not understood`)
  }
}

const REFERENCE = /^[A-Za-z$][\w$:.]*$/

/** Compiles `$Record.Name`, `$User.Id`, or what a resource is called. Throws FlowError. */
export function compileReference(name: string, scope: FlowScope): Expression {
  if (!REFERENCE.test(name)) refuseFlow(`${shown(name)} is no reference that is understood`)
  return compileText(name, null, scope)
}

/** Compiles a formula of a flow, `{!…}` around its names. Throws FlowError, also for an unknown name. */
export function compileFlowFormula(text: string, type: ReturnType, scope: FlowScope): Expression {
  return compileText(withoutMergeBraces(text), type, scope)
}

/** Whether a flow's formula can be compiled at all: a name that nobody knows may stand in it. */
export function isFormula(text: string, returnType: ReturnType, scope: FlowScope): boolean {
  try {
    return compileWith(withoutMergeBraces(text), returnType, scope).kind === 'compiled'
  } catch (error) {
    if (error instanceof FlowError) return false
    throw error
  }
}

function compileWith(text: string, returnType: ReturnType | null, scope: FlowScope) {
  const { object, objects, formulaFields } = scope
  return compileValue(text, {
    object,
    objects,
    formulaFields,
    blanks: 'asNull',
    ids: 'long',
    names: flowNames(scope, (name) => resourceExpression(name, scope)),
    ...(returnType === null ? {} : { returnType }),
  })
}

function compileText(text: string, returnType: ReturnType | null, scope: FlowScope): Expression {
  const compiled = compileWith(text, returnType, scope)
  if (compiled.kind === 'broken') {
    const { message, at } = compiled.error
    return refuseFlow(returnType === null ? message : `${message} (${placeText(at)})`)
  }
  const unknown = compiled.warnings.find(({ code }) => code !== 'FORMULA_PICKLIST_AS_TEXT')
  if (unknown) refuseFlow(unknown.message.replace(/: it counts as blank$/, ''))
  if (compiled.readsSecret) scope.secrets.add(compiled.expression)
  for (const path of compiled.paths) scope.paths.set(path.join('.'), path)
  return compiled.expression
}

function placeText({ line, column }: { readonly line: number; readonly column: number }): string {
  return `line ${line}, column ${column} of the formula`
}

function resourceExpression(name: string, scope: FlowScope): Expression | undefined {
  const key = name.toLowerCase()
  const resource = scope.resources.get(key)
  if (resource === undefined) return undefined
  const known = scope.compiled.get(key)
  if (known) return known
  if (known === null) refuseFlow(`the resource ${resource.name} refers to itself`)
  scope.compiled.set(key, null)
  try {
    const made = compileResource(resource, scope)
    scope.compiled.set(key, made)
    return made
  } finally {
    if (scope.compiled.get(key) === null) scope.compiled.delete(key)
  }
}

function compileResource(resource: FlowResource, scope: FlowScope): Expression {
  switch (resource.kind) {
    case 'variable': {
      const type = returnTypeOf(resource.dataType)
      const key = variableKey(resource.name)
      const initial = compileFlowValue(resource.value, scope)
      scope.initial.set(key, fitted(initial, type, resource.name))
      return variableExpression(type, key)
    }
    case 'constant':
      return fitted(
        compileFlowValue(resource.value, scope),
        returnTypeOf(resource.dataType),
        resource.name,
      )
    case 'formula': {
      const type = returnTypeOf(resource.dataType)
      const computed = compileFlowFormula(resource.expression, type, scope)
      const result = rounded(computed, resource.scale)
      passSecret(scope, [computed], result)
      return result
    }
    case 'textTemplate':
      return textExpression(resource.text, scope)
    case 'unsupported':
      return refuseFlow(`${resource.element} ${resource.name}: ${resource.reason}`)
  }
}

/** The type of expressions that a flow's data type has here. Throws FlowError for records and the like. */
export function returnTypeOf(dataType: string): ReturnType {
  switch (dataType) {
    case 'String':
    case 'Picklist':
    case 'Multipicklist':
      return 'Text'
    case 'Number':
    case 'Currency':
      return 'Number'
    case 'Boolean':
    case 'Date':
    case 'DateTime':
    case 'Time':
      return dataType
    default:
      return refuseFlow(`values of the type ${dataType} are not kept here`)
  }
}

function variableExpression(type: ReturnType, key: string): Expression {
  // What a variable holds was written by an expression of its own type.
  const run = <Value>({ variables }: Parameters<Run<Value>>[0]) =>
    (variables?.get(key) ?? null) as Value | null
  return { type, run } as Expression
}

function rounded(expression: Expression, scale: number | null): Expression {
  if (expression.type !== 'Number' || scale === null) return expression
  const { run } = expression
  return {
    type: 'Number',
    run: (context) => {
      const value = run(context)
      return value === null ? null : roundTo(value, scale, Decimal.ROUND_HALF_UP)
    },
  }
}

/** The expression as a value of `type`; what Salesforce would have to convert is refused. */
export function fitted(expression: Expression, type: ReturnType, what: string): Expression {
  if (isTextual(expression.type) && type === 'Text') return expression
  if (commonType(expression.type, type) === type) return expression
  return refuseFlow(`${what} takes ${type}, found ${expression.type}`)
}

const NUMBER = /^-?[0-9]{1,40}(?:\.[0-9]{1,40})?$/
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/
const INSTANT = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?Z$/

function literalOf(
  type: Extract<FlowValue, { kind: 'literal' }>['type'],
  text: string,
  scope: FlowScope,
): Expression {
  switch (type) {
    case 'string':
      return textExpression(text, scope)
    case 'boolean': {
      const value = text.trim().toLowerCase() === 'true'
      return { type: 'Boolean', literal: value, run: () => value }
    }
    case 'number': {
      const digits = text.trim()
      if (!NUMBER.test(digits)) refuseFlow(`${shown(text)} is no number`)
      const value = toNum(digits)
      return { type: 'Number', run: () => value }
    }
    case 'date': {
      if (!isRealDay(DATE, text.trim())) refuseFlow(`${shown(text)} is no date`)
      const day = readDay(text.trim())
      return { type: 'Date', run: () => day }
    }
    case 'dateTime': {
      if (!isRealDay(INSTANT, text.trim())) refuseFlow(`${shown(text)} is no date and time`)
      const instant = readInstant(text.trim())
      return { type: 'DateTime', run: () => instant }
    }
  }
}

function isRealDay(pattern: RegExp, text: string): boolean {
  const [, year, month, day] = pattern.exec(text) ?? []
  return realDay(Number(year), Number(month), Number(day)) !== null
}

/** A text with merge fields: blank ones leave nothing. */
function textExpression(written: string, scope: FlowScope): Expression {
  const parts = mergedText(written)
  if (parts.every((part) => part.kind === 'text')) {
    return { type: 'Text', literal: written, run: () => written }
  }
  const merged: Expression[] = []
  const runs = parts.map((part): Run<string> => {
    if (part.kind === 'text') return () => part.text
    const expression = compileReference(part.name, scope)
    merged.push(expression)
    if (expression.type === 'Boolean') {
      const { run } = expression
      return (context) => String(run(context) === true)
    }
    if (isTextual(expression.type) || expression.type === 'Null') {
      const { run } = expression as { run: Run<string> }
      return run
    }
    const message = `{!${part.name}} puts a ${expression.type} into a text: how Salesforce writes it there is not known`
    return refuseFlow(message)
  })
  const text: Expression = {
    type: 'Text',
    run: (context) => runs.map((run) => run(context) ?? '').join(''),
  }
  passSecret(scope, merged, text)
  return text
}

/** A piece of a flow's file in a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
}
