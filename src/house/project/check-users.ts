import type { ProjectProblem } from '../../metadata/project.ts'
import type { Org } from '../../org/open-org.ts'
import { checkOutboundMessage } from '../../outbox/check-outbound-message.ts'
import type { OutboundMessage } from '../../outbox/outbound-message.ts'

/** Tells of outbound messages that there is nobody to send as: what the files do not say, as users are data. */
export async function checkUsers(
  org: Pick<Org, 'users'>,
  messages: readonly OutboundMessage[],
): Promise<readonly ProjectProblem[]> {
  const problems: ProjectProblem[] = []
  for (const message of messages) {
    if (message.integrationUser === '') continue // told by whoever read the files
    const found = await org.users.userNamed(message.integrationUser)
    const user = found ? (found.isActive ? 'active' : 'inactive') : 'missing'
    const facts = { object: undefined, user, allowsAnyPort: () => true } as const
    const { file, line } = message.place
    for (const { code, message: said } of checkOutboundMessage(message, facts)) {
      if (!code.startsWith('USER_')) continue
      const text = `${message.fullName}: ${said}`
      problems.push({ file, line, code, severity: 'warning', message: text })
    }
  }
  return problems
}
