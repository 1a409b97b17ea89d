import { isNumberType } from '../../../schema/field-value.ts'
import type { FieldDefinition } from '../../../schema/object-definition.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import type { Expression } from '../expression.ts'
import { booleanOf, numberOf, textOf, withRun } from '../expression.ts'
import { refuse } from '../scope.ts'
import { compare, toNum } from '../values/number.ts'
import { argument, type Call, type FunctionTable, refuseArgument, takes, textRun } from './call.ts'

/** The record as it was before the transaction; on insert as it is now. */
function asBefore(context: EvaluationContext): EvaluationContext {
  return { ...context, record: context.before ?? context.record }
}

function ownField(call: Call): FieldDefinition | null {
  const found = argument(call, 0)
  call.scope.usesHistory = true
  if (found.field !== undefined) return found.field
  if (found.type === 'Unknown') return null
  const message = `${call.name} expects a field of the record itself`
  return refuse(call.scope, call.at, 'FORMULA_ARGUMENT_TYPE', message)
}

/** False on insert; numbers by value, texts with their line ends made one. */
function compileIsChanged(call: Call): Expression {
  const field = ownField(call)
  if (field === null) return booleanOf(() => false)
  if (field.formula !== undefined) {
    const { run } = argument(call, 0)
    return booleanOf((context) => !context.isNew && run(context) !== run(asBefore(context)))
  }
  const { name } = field
  const isNumber = isNumberType(field.type)
  return booleanOf((context) => {
    if (context.isNew || context.before === null) return false
    const now = context.record.fields[name] ?? null
    const then = context.before.fields[name] ?? null
    if (now === then) return false
    if (typeof now !== 'string' || typeof then !== 'string') return true
    if (isNumber) return compare(toNum(now), toNum(then)) !== 0
    return now.replaceAll('\r\n', '\n') !== then.replaceAll('\r\n', '\n')
  })
}

function compilePriorValue(call: Call): Expression {
  ownField(call)
  const { field: _, ...prior } = argument(call, 0)
  return withRun(prior, (run) => (context) => run(asBefore(context)))
}

function literalText(call: Call, index: number): string {
  const { literal } = argument(call, index)
  if (typeof literal === 'string') return literal
  return refuseArgument(call, index, 'a text literal')
}

function compileIsPickval(call: Call): Expression {
  const value = textRun(argument(call, 0)) ?? refuseArgument(call, 0, 'Picklist')
  const wanted = literalText(call, 1)
  return booleanOf((context) => (value(context) ?? '') === wanted)
}

function compileIncludes(call: Call): Expression {
  const value = textRun(argument(call, 0)) ?? refuseArgument(call, 0, 'MultiPicklist')
  const wanted = literalText(call, 1)
  return booleanOf((context) => {
    const selected = value(context)
    if (selected === null || selected === '') return wanted === ''
    return selected === wanted || selected.split(';').includes(wanted)
  })
}

function compilePicklistCount(call: Call): Expression {
  const value = textRun(argument(call, 0)) ?? refuseArgument(call, 0, 'MultiPicklist')
  return numberOf((context) => {
    const selected = value(context)
    return selected === null || selected === '' ? 0 : selected.split(';').length
  })
}

/** Functions of picklists, and of what the record was before. */
export const HISTORY_FUNCTIONS: FunctionTable = {
  ISCHANGED: takes(1, compileIsChanged),
  PRIORVALUE: takes(1, compilePriorValue),
  ISNEW: takes(0, (call) => {
    call.scope.usesHistory = true
    return booleanOf((context) => context.isNew)
  }),
  ISCLONE: takes(0, () => booleanOf((context) => context.isClone === true)),
  ISPICKVAL: takes(2, compileIsPickval),
  INCLUDES: takes(2, compileIncludes),
  PICKLISTCOUNT: takes(1, compilePicklistCount),
  GETSESSIONID: takes(0, () => textOf(() => null)),
}
