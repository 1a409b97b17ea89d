import type { EvaluationContext } from '../../evaluation-context.ts'
import type { Expression, ObjectField } from '../expression.ts'
import { fieldExpression } from '../names/fields.ts'
import {
  argument,
  type Call,
  type FunctionTable,
  failure,
  refuseArgument,
  takes,
  textArgument,
} from './call.ts'

const FIELD_WANTED = 'a stored field as $ObjectType.Object__c.Fields.Field__c'

function objectField(call: Call, index: number): ObjectField | null {
  const found = argument(call, index)
  if (found.objectField && found.objectField.definition.formula === undefined)
    return found.objectField
  // Of what the definitions do not have was told when it was named.
  return found.type === 'Unknown' && !found.objectField
    ? null
    : refuseArgument(call, index, FIELD_WANTED)
}

/** `VLOOKUP(field, name field of the same object, name)`: that field of the record of that name. */
function compileVlookup(call: Call): Expression {
  const [wanted, key] = [objectField(call, 0), objectField(call, 1)]
  const name = textArgument(call, 2)
  if (wanted === null || key === null) return { type: 'Unknown', run: () => null }
  if (key.object.name !== wanted.object.name || key.definition.name !== 'Name') {
    return refuseArgument(call, 1, `the Name of ${wanted.object.name}`)
  }
  const fail = failure(call)
  const locate = (context: EvaluationContext) => {
    const { recordNamed } = context
    if (!recordNamed) return fail('FORMULA_NOT_AVAILABLE', 'it is for validation rules only')
    const text = name(context)
    return text === null || text === '' ? null : (recordNamed(wanted.object.name, text) ?? null)
  }
  const { object, definition } = wanted
  return fieldExpression({ object, definition, locate, path: [], at: call.at }, call.scope)
}

/** Functions that look for records; only validation rules may, as their records are read before. */
export const LOOKUP_FUNCTIONS: FunctionTable = { VLOOKUP: takes(3, compileVlookup) }
