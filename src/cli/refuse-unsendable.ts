import type { ProjectConfig } from '../config/project-config.ts'
import { holdsHost, parseAllowList } from '../egress/address-sets.ts'
import type { Project } from '../metadata/project.ts'
import { checkOutboundMessage } from '../outbox/check-outbound-message.ts'
import { type OutboundMessage, outboundMessageKey } from '../outbox/outbound-message.ts'

/** The project has outbound messages that cannot be sent as they say; each is in the message, with its place. */
export class ProjectRefused extends Error {
  override readonly name = 'ProjectRefused'
  readonly errorCode = 'PROJECT_REFUSED'
}

/**
 * What `obm serve` does not start with: outbound messages that could never be sent. What may change by itself (users,
 * names, certificates), and fields that only this program does not know, are told and refuse nothing.
 */
export function refuseUnsendable(
  project: Project,
  { endpoints, egressAllow }: Pick<ProjectConfig, 'endpoints'> & { egressAllow: readonly string[] },
): void {
  const allowed = parseAllowList(egressAllow)
  const lines = project.outboundMessages.flatMap((message) => {
    const sent = { ...message, endpointUrl: endpointOf(message, endpoints) }
    const facts = {
      object: project.objects.find(({ name }) => isSame(name, message.objectName)),
      user: 'unknown',
      allowsAnyPort: (host: string) => holdsHost(allowed, host),
    } as const
    return checkOutboundMessage(sent, facts)
      .filter(({ isFatal }) => isFatal)
      .map(({ code, message: said }) => {
        const { file, line } = message.place
        return `\n  ${file}:${line} ${code} ${outboundMessageKey(message)}: ${said}`
      })
  })
  if (lines.length === 0) return
  const what = 'outbound messages of the project cannot be sent; mend them, or take them out:'
  throw new ProjectRefused(`${what}${lines.join('')}`)
}

/** `{receiver}` is known when the program runs; this program's own receiver is an endpoint as good as any. */
function endpointOf(message: OutboundMessage, endpoints: ProjectConfig['endpoints']): string {
  const key = outboundMessageKey(message)
  const [, configured] = [...endpoints].find(([name]) => isSame(name, key)) ?? []
  return configured?.replace('{receiver}', 'http://localhost') ?? message.endpointUrl
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
