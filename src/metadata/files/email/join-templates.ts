import type { EmailTemplate } from '../../../mail/definitions/email-template.ts'
import type { Report } from '../../problem.ts'
import type { EmailBody, EmailTemplatePart } from '../contribution.ts'

/** Puts templates and their bodies together. One without the other is told and left out. */
export function joinTemplates(
  parts: readonly EmailTemplatePart[],
  bodies: readonly EmailBody[],
  report: Report,
): readonly EmailTemplate[] {
  const bodyByKey = new Map(bodies.map((each) => [each.key.toLowerCase(), each]))
  const keys = new Set<string>()
  const templates: EmailTemplate[] = []
  for (const part of parts) {
    const key = part.key.toLowerCase()
    const found = bodyByKey.get(key)
    if (keys.has(key)) {
      const message = `e-mail template ${part.key} is defined before: this one is left out`
      report(part.place, 'DUPLICATE_DEFINITION', message)
    } else if (!found) {
      const message = `${part.key}: expected its body in the file ${part.key}.email, found none: it is left out`
      report(part.place, 'TEMPLATE_INVALID', message)
    } else {
      templates.push({ kind: 'emailTemplate', ...part, body: found.body })
    }
    keys.add(key)
  }
  for (const { key, place } of bodies) {
    if (keys.has(key.toLowerCase())) continue
    const message = `${key}: expected ${key}.email-meta.xml beside it, found none: it is left out`
    report(place, 'TEMPLATE_INVALID', message)
  }
  return templates
}
