import type { EmailTemplate } from './definitions/email-template.ts'

/** What a new owner is told: the e-mail that `notifyAssignee` asks for. The record's own name and link are merge fields. */
export function assignmentTemplate(objectName: string, objectLabel: string): EmailTemplate {
  const name = `{!${objectName}.Name}`
  const isTask = objectName === 'Task'
  const shown = isTask ? '{!Task.Subject}' : name
  return {
    kind: 'emailTemplate',
    key: `built-in/${objectName}`,
    name: `${objectLabel} assigned`,
    templateType: 'text',
    subject: `${objectLabel} ${shown} has been assigned to you.`,
    body: `${objectLabel} ${shown} has been assigned to you by {!User.Name}.\n\n${
      isTask ? 'Due: {!Task.ActivityDate}\nPriority: {!Task.Priority}\n\n' : ''
    }To see it, go to:\n{!${objectName}.Link}\n`,
    textOnly: null,
    isAvailable: true,
    place: { file: '', line: 1 },
  }
}
