import type { XmlElement } from '../../../base/xml.ts'
import type { KeptAction, KeptElement } from '../../project.ts'
import { placeOf, type Source, wordOf } from '../source.ts'

const KINDS: ReadonlyMap<string, KeptAction['kind']> = new Map<string, KeptAction['kind']>([
  ['flowActions', 'flowAction'],
  ['knowledgePublishes', 'knowledgePublish'],
  ['send', 'send'],
])

/** Salesforce's schema has them, no known file does: kept without a word. */
const KNOWN_OTHERS: ReadonlySet<string> = new Set(['notifications', 'flowAutomation'])

/** Keeps an action, or an element of a workflow that nobody knows, with all it says. */
export function readKeptAction(
  source: Source,
  objectName: string,
  element: XmlElement,
  elementName: string,
): readonly KeptAction[] {
  const place = placeOf(source, element)
  const kind = KINDS.get(elementName)
  const fullName = wordOf(element, 'fullName')
  if (!kind && !KNOWN_OTHERS.has(elementName)) {
    const message = `<${elementName}> is not known inside <Workflow>: it is kept and has no effect here`
    source.report(place, 'ELEMENT_UNKNOWN', message)
  } else if (fullName === null) {
    source.report(place, 'ACTION_INVALID', `<${elementName}> has no <fullName>: no rule can use it`)
  }
  const content = element.children.map(keep)
  return [
    {
      kind: kind ?? 'other',
      objectName,
      fullName: fullName ?? '',
      element: elementName,
      content,
      place,
    },
  ]
}

function keep(element: XmlElement): KeptElement {
  const { local: name, children, text } = element
  return { name, content: children.length === 0 ? text : children.map(keep) }
}
