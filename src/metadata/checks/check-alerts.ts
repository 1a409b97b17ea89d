import { type EmailAlert, RECIPIENT_TYPES } from '../../mail/definitions/email-alert.ts'
import { parseTemplate } from '../../mail/template/parse-template.ts'
import { fieldOf } from '../../schema/object-definition.ts'
import type { Report } from '../problem.ts'
import type { Project } from '../project.ts'
import { indexObjects, type ObjectIndex } from './object-index.ts'

/** Tells what keeps e-mail alerts from being sent as they say: templates, recipients, fields. */
export function checkAlerts(project: Project, report: Report): void {
  const objectNamed = indexObjects(project.objects)
  const templates = new Map(project.emailTemplates.map((each) => [each.key.toLowerCase(), each]))
  for (const alert of project.alerts) {
    if (!templates.has(alert.template.toLowerCase())) {
      const found = `there is no e-mail template ${alert.template || 'named'}: its e-mails fail`
      report(alert.place, 'TEMPLATE_MISSING', `${alert.fullName}: ${found}`)
    }
    for (const complaint of new Set(complaintsOf(alert, objectNamed))) {
      report(alert.place, 'RECIPIENT_UNSUPPORTED', `${alert.fullName}: ${complaint}`)
    }
  }
  for (const template of project.emailTemplates) {
    const reading = parseTemplate(template)
    if (reading.kind === 'read') continue
    const message = `${template.key}: ${reading.reason}: its e-mails fail`
    report(template.place, 'TEMPLATE_UNSUPPORTED', message)
  }
}

/** Object of the team that a kind of recipients needs. */
const TEAMS: ReadonlyMap<string, string> = new Map([
  ['accountTeam', 'AccountTeamMember'],
  ['opportunityTeam', 'OpportunityTeamMember'],
  ['caseTeam', 'CaseTeamMember'],
])

function complaintsOf(alert: EmailAlert, objectNamed: ObjectIndex): readonly string[] {
  const object = objectNamed(alert.objectName)
  return alert.recipients.flatMap(({ type, field }) => {
    if (!RECIPIENT_TYPES.some((known) => known === type)) {
      return `recipients of the type "${type}" are not known: they get nothing, the others do`
    }
    const team = TEAMS.get(type)
    if (team !== undefined && !objectNamed(team)) {
      return `this org has no object ${team}: a ${type} gets nothing, the others do`
    }
    if (field === null || !object || fieldOf(object, field)) return []
    return `${object.name} has no field ${field} for a ${type}: it gets nothing, the others do`
  })
}
