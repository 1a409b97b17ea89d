import type { Expression } from '../../formula/expression.ts'
import { boundedDay } from '../../formula/values/calendar.ts'
import { add, negate, truncate } from '../../formula/values/number.ts'
import type { FlowAssignment, FlowElement } from '../flow-definition.ts'
import { refuseFlow } from '../flow-error.ts'
import { type FlowScope, passSecret, variableKey } from '../flow-scope.ts'
import {
  compileFlowValue,
  compileReference,
  fitted,
  returnTypeOf,
  shown,
} from '../values/flow-values.ts'
import { valueSeen } from '../values/value-seen.ts'
import { fieldWriter } from '../values/written-field.ts'
import { type FlowNode, type Interview, setRecordField } from './interview.ts'

type AssignmentScope = FlowScope & { readonly isBeforeSave: boolean }

/** Compiles an assignment to fields of `$Record` or to variables. Throws FlowError for any other. */
export function compileAssignment(
  element: Extract<FlowElement, { kind: 'assignment' }>,
  scope: AssignmentScope,
): FlowNode {
  const items = element.items.map((item) => compileItem(item, element.name, scope))
  return (interview) => {
    for (const assign of items) assign(interview)
    return element.next
  }
}

type Assign = (interview: Interview) => void

function compileItem(item: FlowAssignment, element: string, scope: AssignmentScope): Assign {
  const { to } = item
  const present = compileReference(to, scope)
  const value = computed(item, present, scope)
  passSecret(scope, [value], present)
  const shown = valueSeen(present, scope)
  if (to.startsWith('$')) {
    const { field } = present
    if (field === undefined) return refuseFlow(`${to} is no field of $Record that can be set`)
    const write = fieldWriter(field, value, to)
    const isSaved = scope.isBeforeSave
    return (interview) => {
      setRecordField(interview, { name: field.name, value: write(interview.context), isSaved })
      interview.steps?.push({ kind: 'set', element, target: to, value: shown(interview.context) })
    }
  }
  const resource = scope.resources.get(to.toLowerCase())
  if (resource?.kind !== 'variable') return refuseFlow(`${to} is no variable that can be set`)
  const key = variableKey(to)
  const { run } = fitted(value, returnTypeOf(resource.dataType), to)
  return (interview) => {
    interview.variables.set(key, run(interview.context))
    interview.steps?.push({ kind: 'set', element, target: to, value: shown(interview.context) })
  }
}

/** The value an item gives: itself, or what is there now with it added or taken away. */
function computed(item: FlowAssignment, present: Expression, scope: AssignmentScope): Expression {
  const value = compileFlowValue(item.value, scope)
  switch (item.operator) {
    case 'Assign':
      return value
    case 'Add':
    case 'Subtract': {
      const sum = added(present, value, { item, sign: item.operator === 'Add' ? 1 : -1 })
      passSecret(scope, [present, value], sum)
      return sum
    }
    default:
      return refuseFlow(`the operator ${shown(item.operator)} is not carried out here`)
  }
}

/** Numbers, days and, by Add, texts. A blank number or date stays blank. */
function added(
  present: Expression,
  value: Expression,
  { item, sign }: { readonly item: FlowAssignment; readonly sign: 1 | -1 },
): Expression {
  if (present.type === 'Text' && value.type === 'Text' && sign === 1) {
    return { type: 'Text', run: (context) => joined(present.run(context), value.run(context)) }
  }
  if (value.type === 'Number' && present.type === 'Number') {
    return {
      type: 'Number',
      run: (context) => {
        const [one, other] = [present.run(context), value.run(context)]
        if (one === null || other === null) return null
        return add(one, sign === 1 ? other : negate(other))
      },
    }
  }
  if (value.type === 'Number' && present.type === 'Date') {
    return {
      type: 'Date',
      run: (context) => {
        const [day, days] = [present.run(context), value.run(context)]
        return day === null || days === null ? null : boundedDay(day + sign * truncate(days))
      },
    }
  }
  return refuseFlow(
    `${item.to} ${item.operator}: ${present.type} and ${value.type} do not go together`,
  )
}

function joined(one: string | null, other: string | null): string | null {
  return one === null && other === null ? null : (one ?? '') + (other ?? '')
}
