import type { XmlElement } from '../../../base/xml.ts'
import type { FlowResource } from '../../../rules/flow/flow-definition.ts'
import { booleanOf, intOf, placeOf, type Source, textOf, wordOf } from '../source.ts'
import { readValue } from './read-flow-values.ts'

/** Elements of a flow that are named values, not steps. */
export const RESOURCE_ELEMENTS: ReadonlySet<string> = new Set([
  'choices',
  'constants',
  'dynamicChoiceSets',
  'formulas',
  'stages',
  'textTemplates',
  'variables',
])

/** Reads a resource. One that is not understood matters only where it is used. */
export function readResource(source: Source, element: XmlElement, name: string): FlowResource {
  const head = { name, place: placeOf(source, element) }
  const dataType = wordOf(element, 'dataType') ?? 'String'
  switch (element.local) {
    case 'variables': {
      if (booleanOf(element, 'isCollection') === true) {
        const reason = 'collections are not kept here'
        return { ...head, kind: 'unsupported', element: element.local, reason }
      }
      return { ...head, kind: 'variable', dataType, value: readValue(element, 'value') }
    }
    case 'constants':
      return { ...head, kind: 'constant', dataType, value: readValue(element, 'value') }
    case 'formulas':
      return {
        ...head,
        kind: 'formula',
        dataType,
        scale: intOf(element, 'scale'),
        expression: textOf(element, 'expression') ?? '',
      }
    case 'textTemplates':
      return { ...head, kind: 'textTemplate', text: textOf(element, 'text') ?? '' }
    default: {
      const reason = 'it is not understood here'
      return { ...head, kind: 'unsupported', element: element.local, reason }
    }
  }
}
