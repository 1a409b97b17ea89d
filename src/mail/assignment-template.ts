import { fieldOf, type ObjectDefinition } from '../schema/object-definition.ts'
import type { EmailTemplate } from './definitions/email-template.ts'

/** What people call a record by; the first that its object has. */
const NAME_FIELDS = ['Subject', 'Name', 'CaseNumber', 'ContractNumber']

/** What a new owner is told: the e-mail that `notifyAssignee` asks for. The record's own name and link are merge fields. */
export function assignmentTemplate(object: ObjectDefinition): EmailTemplate {
  const { name, label } = object
  const nameField = NAME_FIELDS.find((each) => fieldOf(object, each)) ?? 'Id'
  const shown = `${label} {!${name}.${nameField}}`
  const isTask = name === 'Task'
  const details = isTask ? 'Due: {!Task.ActivityDate}\nPriority: {!Task.Priority}\n\n' : ''
  return {
    kind: 'emailTemplate',
    key: `built-in/${name}`,
    name: `${label} assigned`,
    templateType: 'text',
    subject: `${shown} has been assigned to you.`,
    body: `${shown} has been assigned to you by {!User.Name}.\n\n${details}To see it, go to:\n{!${name}.Link}\n`,
    textOnly: null,
    isAvailable: true,
    place: { file: '', line: 1 },
  }
}
