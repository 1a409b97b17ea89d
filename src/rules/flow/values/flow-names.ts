import { SECOND_MS } from '../../../base/clock.ts'
import type { EvaluationContext } from '../../evaluation-context.ts'
import { type Expression, type Run, withRun } from '../../formula/expression.ts'
import { fieldExpression } from '../../formula/names/fields.ts'
import { locateField } from '../../formula/names/references.ts'
import { type ResolveName, type Scope, warn } from '../../formula/scope.ts'
import { multiply } from '../../formula/values/number.ts'
import { localDay } from '../../formula/values/zone.ts'
import { type FlowScope, stationKey } from '../flow-scope.ts'

/** Compiles a resource of the flow, whatever the name's case; undefined when there is none of that name. */
export type ResourceExpression = (name: string) => Expression | undefined

/**
 * What names mean in a flow: `$Record`, `$Record__Prior`, `$Flow`, `$GlobalConstant` and the flow's own
 * resources; other globals are those of every formula. An unknown name is a warning and reads null.
 */
export function flowNames(flow: FlowScope, resource: ResourceExpression): ResolveName {
  const own = (name: string, scope: Scope) => {
    const found = resource(name)
    if (found && flow.secrets.has(found)) scope.secretReads += 1
    return found ?? station(name, flow)
  }
  return (name, at, scope) => {
    const [first = '', ...words] = name.split('.')
    const rest = words.join('.')
    switch (first.toLowerCase()) {
      case '$record':
        return fieldOfRecord(rest, at, scope) ?? unknown(name, at, scope)
      case '$record__prior':
        return priorField(rest, at, scope) ?? unknown(name, at, scope)
      case '$flow':
        return flowGlobal(rest) ?? unknown(name, at, scope)
      case '$globalconstant':
        return globalConstant(rest) ?? unknown(name, at, scope)
      default:
        if (first.startsWith('$')) return undefined
        return (rest === '' ? own(first, scope) : undefined) ?? unknown(name, at, scope)
    }
  }
}

function unknown(name: string, at: number, scope: Scope): Expression {
  const message = name.startsWith('$Record')
    ? `${scope.object.name} has no field ${JSON.stringify(name.slice(0, 80))}`
    : `the flow has nothing that is called ${JSON.stringify(name.slice(0, 80))}`
  warn(scope, at, 'FORMULA_UNKNOWN_FIELD', `${message}: it counts as blank`)
  return { type: 'Unknown', run: () => null }
}

/** A flow sees a percentage as the API gives it, 20 for 20 %, where a formula of a rule sees 0.2. */
function fieldOfRecord(path: string, at: number, scope: Scope): Expression | null {
  const located = path === '' ? null : locateField(path, at, scope)
  if (located === null) return null
  const found = fieldExpression(located, scope)
  if (located.definition.type !== 'percent' || found.type !== 'Number') return found
  const { run } = found
  return {
    ...found,
    run: (context) => {
      const fraction = run(context)
      return fraction === null ? null : multiply(fraction, 100)
    },
  }
}

/** The record before the save, with its parents as they are now; all blank when the record is new. */
function priorField(path: string, at: number, scope: Scope): Expression | null {
  const found = fieldOfRecord(path, at, scope)
  if (found === null) return null
  const { field: _, ...prior } = found
  return withRun(prior, asItWas)
}

function asItWas<Value>(run: Run<Value>): Run<Value> {
  return (context: EvaluationContext) =>
    context.before === null ? null : run({ ...context, record: context.before })
}

function flowGlobal(name: string): Expression | null {
  switch (name.toLowerCase()) {
    case 'currentdate':
      return { type: 'Date', run: ({ org, now }) => localDay(org.timeZone, now) }
    case 'currentdatetime':
    case 'interviewstarttime':
      return { type: 'DateTime', run: ({ now }) => Math.floor(now / SECOND_MS) * SECOND_MS }
    default:
      return null
  }
}

function globalConstant(name: string): Expression | null {
  switch (name.toLowerCase()) {
    case 'emptystring':
      return { type: 'Text', literal: '', run: () => '' }
    case 'true':
      return { type: 'Boolean', literal: true, run: () => true }
    case 'false':
      return { type: 'Boolean', literal: false, run: () => false }
    default:
      return null
  }
}

/** Whether the run came by an element, or took an outcome. */
function station(name: string, { stations }: FlowScope): Expression | undefined {
  if (!stations.has(name.toLowerCase())) return undefined
  const key = stationKey(name)
  return { type: 'Boolean', run: ({ variables }) => variables?.has(key) === true }
}
