import type { XmlElement } from '../../../base/xml.ts'
import type {
  FlowConditions,
  FlowObstacle,
  FlowValue,
} from '../../../rules/flow/flow-definition.ts'
import { childOf, childrenOf, placeOf, type Source, wordOf } from '../source.ts'

/** Reads the value in the child `name` of an element. */
export function readValue(element: XmlElement, name: string): FlowValue {
  const [value, more] = childOf(element, name)?.children ?? []
  if (value === undefined) return { kind: 'none' }
  if (more !== undefined) return { kind: 'unsupported', element: more.local }
  const { text } = value
  switch (value.local) {
    case 'stringValue':
      return { kind: 'literal', type: 'string', text }
    case 'numberValue':
      return { kind: 'literal', type: 'number', text }
    case 'booleanValue':
      return { kind: 'literal', type: 'boolean', text }
    case 'dateValue':
      return { kind: 'literal', type: 'date', text }
    case 'dateTimeValue':
      return { kind: 'literal', type: 'dateTime', text }
    case 'elementReference':
      return { kind: 'reference', name: text.trim() }
    default:
      return { kind: 'unsupported', element: value.local }
  }
}

/** How conditions are called in an element, and what stands on their left. */
export type ConditionNames = {
  readonly logic: string
  readonly conditions: string
  readonly left: string
}

/** Reads conditions with their logic. One without a left side or operator is an obstacle. */
export function readConditions(
  source: Source,
  element: XmlElement,
  { names, obstacles }: { readonly names: ConditionNames; readonly obstacles: FlowObstacle[] },
): FlowConditions {
  const right = names.left === 'field' ? 'value' : 'rightValue'
  const known = new Set([names.left, 'operator', right])
  const conditions = childrenOf(element, names.conditions).flatMap((child) => {
    obstacles.push(...strangersIn(source, child, known))
    const left = wordOf(child, names.left)
    const operator = wordOf(child, 'operator')
    if (left !== null && operator !== null) {
      return [{ left, operator, right: readValue(child, right) }]
    }
    const reason = `expected <${names.left}> and <operator>`
    obstacles.push({ place: placeOf(source, child), what: names.conditions, reason })
    return []
  })
  return { logic: wordOf(element, names.logic), conditions }
}

/** The element that the connector `name` leads to. */
export function targetOf(element: XmlElement, name = 'connector'): string | null {
  const connector = childOf(element, name)
  return connector ? wordOf(connector, 'targetReference') : null
}

/** Written by Flow Builder everywhere, and of no consequence. */
const DECORATION: ReadonlySet<string> = new Set(['processMetadataValues', 'customProperties'])

function isSwitchedOff({ children, text }: XmlElement): boolean {
  return children.length === 0 && text.trim() === 'false'
}

/** Children that are not in `known`: what they mean is not understood. */
export function strangersIn(
  source: Source,
  element: XmlElement,
  known: ReadonlySet<string>,
): readonly FlowObstacle[] {
  return element.children.flatMap((child) => {
    if (known.has(child.local) || DECORATION.has(child.local) || isSwitchedOff(child)) return []
    const name = wordOf(element, 'name')
    const what = name === null ? element.local : `${element.local} ${name}`
    const reason = `<${child.local}> in it is not understood`
    return [{ place: placeOf(source, child), what, reason }]
  })
}
