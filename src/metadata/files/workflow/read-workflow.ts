import type { XmlElement } from '../../../base/xml.ts'
import type { Contribution } from '../contribution.ts'
import { type Source, wordOf } from '../source.ts'
import { readAlert } from './read-alert.ts'
import { readKeptAction } from './read-kept-action.ts'
import { readRule } from './read-rule.ts'
import { readTask } from './read-task.ts'
import { readFieldUpdate, readOutboundMessage } from './read-workflow-action.ts'

/** Attributes and packaging words that a `<Workflow>` may hold besides its definitions. */
const PASSED_OVER: ReadonlySet<string> = new Set(['fullName'])

/** Reads a `<Workflow>`: all rules and actions of one object. What is not known is kept as it is. */
export function readWorkflow(source: Source, objectName: string, root: XmlElement): Contribution {
  return join(
    root.children
      .filter((child) => !PASSED_OVER.has(child.local))
      .map((child) => readWorkflowPart(source, objectName, child, child.local)),
  )
}

/** Reads one definition of a workflow; `element` is the name of its kind in `<Workflow>`. */
export function readWorkflowPart(
  source: Source,
  objectName: string,
  part: XmlElement,
  element: string,
): Contribution {
  switch (element) {
    case 'rules':
      return { rules: readRule(source, objectName, part) }
    case 'fieldUpdates':
      return { fieldUpdates: readFieldUpdate(source, objectName, part) }
    case 'outboundMessages':
      return { outboundMessages: readOutboundMessage(source, objectName, part) }
    case 'tasks':
      return { tasks: readTask(source, objectName, part) }
    case 'alerts':
      return { alerts: readAlert(source, objectName, part) }
    default:
      return { keptActions: readKeptAction(source, objectName, part, element) }
  }
}

/** Reads a file that holds one definition, as projects with decomposed workflows have them. */
export function readWorkflowPartFile(
  source: Source,
  { objectName, element, fullName }: { objectName: string; element: string; fullName: string },
  root: XmlElement,
): Contribution {
  if (wordOf(root, 'fullName') !== null) {
    return readWorkflowPart(source, objectName, root, element)
  }
  const name: XmlElement = { ...root, local: 'fullName', children: [], text: fullName }
  const named = { ...root, children: [name, ...root.children] }
  return readWorkflowPart(source, objectName, named, element)
}

function join(parts: readonly Contribution[]): Contribution {
  return {
    rules: parts.flatMap((part) => part.rules ?? []),
    fieldUpdates: parts.flatMap((part) => part.fieldUpdates ?? []),
    outboundMessages: parts.flatMap((part) => part.outboundMessages ?? []),
    tasks: parts.flatMap((part) => part.tasks ?? []),
    alerts: parts.flatMap((part) => part.alerts ?? []),
    keptActions: parts.flatMap((part) => part.keptActions ?? []),
  }
}
