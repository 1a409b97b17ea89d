import type { XmlElement } from '../../../base/xml.ts'
import type { WorkflowTask } from '../../../rules/workflow-rule.ts'
import { booleanOf, intOf, placeOf, reportUnknown, type Source, textOf, wordOf } from '../source.ts'

const TASK_ELEMENTS: ReadonlySet<string> = new Set([
  'fullName',
  'assignedTo',
  'assignedToType',
  'description',
  'dueDateOffset',
  'notifyAssignee',
  'offsetFromField',
  'priority',
  'protected',
  'status',
  'subject',
])

/** Reads a `<tasks>` element: one task, or none when it has no name or no subject. */
export function readTask(
  source: Source,
  objectName: string,
  element: XmlElement,
): readonly WorkflowTask[] {
  reportUnknown(source, element, TASK_ELEMENTS)
  const place = placeOf(source, element)
  const fullName = wordOf(element, 'fullName')
  const subject = textOf(element, 'subject')
  if (fullName === null || subject === null) {
    const message = `expected <fullName> and <subject>, found ${fullName}, ${subject}: it is left out`
    source.report(place, 'ACTION_INVALID', message)
    return []
  }
  return [
    {
      kind: 'task',
      objectName,
      fullName,
      subject,
      description: textOf(element, 'description'),
      assignedToType: wordOf(element, 'assignedToType') ?? 'owner',
      assignedTo: wordOf(element, 'assignedTo'),
      dueDateOffset: intOf(element, 'dueDateOffset') ?? 0,
      offsetFromField: wordOf(element, 'offsetFromField'),
      priority: textOf(element, 'priority') ?? 'Normal',
      status: textOf(element, 'status') ?? 'Not Started',
      notifyAssignee: booleanOf(element, 'notifyAssignee') ?? false,
      place,
    },
  ]
}
