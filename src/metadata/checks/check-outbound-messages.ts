import { checkOutboundMessage } from '../../outbox/check-outbound-message.ts'
import type { Report } from '../problem.ts'
import type { Project } from '../project.ts'
import { indexObjects } from './object-index.ts'

/** Tells what keeps outbound messages from being sent as they say. Who is a user is not in the files. */
export function checkOutboundMessages(project: Project, report: Report): void {
  const objectNamed = indexObjects(project.objects)
  for (const message of project.outboundMessages) {
    const facts = {
      object: objectNamed(message.objectName),
      user: 'unknown',
      allowsAnyPort: () => false,
    } as const
    for (const { code, message: said } of checkOutboundMessage(message, facts)) {
      report(message.place, code, `${message.fullName}: ${said}`)
    }
  }
}
