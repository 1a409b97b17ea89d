import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { FieldUpdate, WorkflowRule } from '../rules/workflow-rule.ts'
import { checkbox, field, text } from '../schema/define-field.ts'
import type { FieldDefinition } from '../schema/object-definition.ts'
import { isFieldName } from './files/api-name.ts'

type Workflow = {
  readonly rules: readonly WorkflowRule[]
  readonly fieldUpdates: readonly FieldUpdate[]
  readonly outboundMessages: readonly OutboundMessage[]
}

/** The fields that workflow names on an object, without its formulas; each once. */
export function usedFields(
  workflow: Workflow,
  parts: readonly { readonly objectName: string }[],
): readonly string[] {
  const objectName = parts[0]?.objectName.toLowerCase()
  const isOwn = (named: { readonly objectName: string }) =>
    named.objectName.toLowerCase() === objectName
  const dotted = workflow.rules.flatMap((rule) => [
    ...rule.criteriaItems.map((criterion) => criterion.field),
    ...rule.timeTriggers.flatMap((trigger) => trigger.offsetFromField ?? []),
  ])
  const names = [
    ...dotted.flatMap((path) => {
      const [object = '', name = '', ...rest] = path.split('.')
      return object.toLowerCase() === objectName && name && rest.length === 0 ? name : []
    }),
    ...workflow.fieldUpdates
      .filter((update) => isOwn(update))
      .map((update) => update.targetObject ?? update.field),
    ...workflow.outboundMessages.filter(isOwn).flatMap((message) => message.fields),
  ]
  const first = new Map(names.map((name) => [name.toLowerCase(), name]))
  return [...first.values()].filter(isFieldName)
}

/** A field of which only the name is known: its ending says what Salesforce's own fields are like. */
export function guessField(name: string): FieldDefinition {
  if (/^(Is|Has)[A-Z]/.test(name)) return checkbox(name)
  if (/(DateTime|Timestamp)$/.test(name)) return field(name, 'datetime')
  if (/Date$/.test(name)) return field(name, 'date')
  return text(name, 255)
}
