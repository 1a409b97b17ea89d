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

/** Makes a question of the fields that workflow names on an object, without its formulas; each once. */
export function usedFields(workflow: Workflow): (objectName: string) => readonly string[] {
  const used = new Map<string, Map<string, string>>()
  const add = (objectName: string, name: string) => {
    if (!isFieldName(name)) return
    const key = objectName.toLowerCase()
    const names = used.get(key) ?? new Map<string, string>()
    used.set(key, names.set(name.toLowerCase(), name))
  }
  const addPath = (path: string) => {
    const [objectName = '', name = '', ...rest] = path.split('.')
    if (rest.length === 0) add(objectName, name)
  }
  for (const { criteriaItems, timeTriggers } of workflow.rules) {
    for (const criterion of criteriaItems) addPath(criterion.field)
    for (const { offsetFromField } of timeTriggers) if (offsetFromField) addPath(offsetFromField)
  }
  for (const update of workflow.fieldUpdates) {
    add(update.objectName, update.targetObject ?? update.field)
  }
  for (const message of workflow.outboundMessages) {
    for (const name of message.fields) add(message.objectName, name)
  }
  return (objectName) => [...(used.get(objectName.toLowerCase())?.values() ?? [])]
}

/** A field of which only the name is known: its ending says what Salesforce's own fields are like. */
export function guessField(name: string): FieldDefinition {
  if (/^(Is|Has)[A-Z]/.test(name)) return checkbox(name)
  if (/(DateTime|Timestamp)$/.test(name)) return field(name, 'datetime')
  if (/Date$/.test(name)) return field(name, 'date')
  return text(name, 255)
}
