import type { XmlElement } from '../../../base/xml.ts'
import type { ValidationRule } from '../../../rules/validation/validation-rule.ts'
import { booleanOf, placeOf, reportUnknown, type Source, textOf, wordOf } from '../source.ts'

const ELEMENTS: ReadonlySet<string> = new Set([
  'fullName',
  'active',
  'description',
  'errorConditionFormula',
  'errorDisplayField',
  'errorMessage',
  'shouldEvaluateOnClient',
])

/** Reads a `<ValidationRule>` or a `<validationRules>` element; none when it lacks what it cannot do without. */
export function readValidationRule(
  source: Source,
  objectName: string,
  element: XmlElement,
): readonly ValidationRule[] {
  const place = placeOf(source, element)
  reportUnknown(source, element, ELEMENTS)
  const fullName = wordOf(element, 'fullName')
  const errorConditionFormula = textOf(element, 'errorConditionFormula')
  const errorMessage = textOf(element, 'errorMessage')
  if (fullName === null || errorConditionFormula === null || errorMessage === null) {
    const message = `a validation rule needs <fullName>, <errorConditionFormula> and <errorMessage>: ${fullName ?? 'it'} is left out`
    source.report(place, 'RULE_INVALID', message)
    return []
  }
  return [
    {
      kind: 'validationRule',
      objectName,
      fullName,
      active: booleanOf(element, 'active') ?? false,
      description: textOf(element, 'description'),
      errorConditionFormula,
      errorDisplayField: wordOf(element, 'errorDisplayField'),
      errorMessage,
      place,
    },
  ]
}
