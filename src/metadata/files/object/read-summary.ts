import type { XmlElement } from '../../../base/xml.ts'
import type { Summary } from '../../../schema/object-definition.ts'
import { childrenOf, placeOf, type Source, textOf, wordOf } from '../source.ts'

const OPERATIONS: readonly Summary['operation'][] = ['count', 'sum', 'min', 'max']

/** Reads what a `<type>Summary</type>` field rolls up; null, and told, when that is not to be made out. */
export function readSummary(source: Source, element: XmlElement, name: string): Summary | null {
  const written = wordOf(element, 'summaryOperation')
  const operation = OPERATIONS.find((each) => each === written?.toLowerCase())
  const [childObject, foreignKey] = pathOf(element, 'summaryForeignKey')
  const [, summarized = null] = pathOf(element, 'summarizedField')
  const missing = !operation
    ? `<summaryOperation> of ${OPERATIONS.join(', ')}, found ${written}`
    : !childObject || !foreignKey
      ? `<summaryForeignKey> as Detail__c.Master__c, found ${wordOf(element, 'summaryForeignKey')}`
      : operation !== 'count' && summarized === null
        ? `<summarizedField> as Detail__c.Amount__c, found ${wordOf(element, 'summarizedField')}`
        : null
  if (missing !== null || !operation || !childObject || !foreignKey) {
    const message = `${name}: expected ${missing}: its value stays blank`
    source.report(placeOf(source, element), 'ROLLUP_NOT_COMPUTED', message)
    return null
  }
  return {
    operation,
    childObject,
    foreignKey,
    summarized: operation === 'count' ? null : summarized,
    filters: childrenOf(element, 'summaryFilterItems').flatMap(readFilter),
  }
}

function readFilter(element: XmlElement): Summary['filters'] {
  const field = wordOf(element, 'field')
  const operation = wordOf(element, 'operation')
  if (field === null || operation === null) return []
  return [{ field, operation, value: textOf(element, 'value') ?? '' }]
}

/** `Detail__c.Amount__c` in its two words; nothing where it has not two. */
function pathOf(element: XmlElement, name: string): readonly string[] {
  const words = wordOf(element, name)?.split('.') ?? []
  return words.length === 2 && words.every((word) => word !== '') ? words : []
}
