import { SECOND_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { startLoop } from '../base/loop.ts'
import type { Org } from '../org/open-org.ts'
import type { KnownMessage } from '../org/org-definitions.ts'
import type { OutboxStore, Route } from '../outbox/outbox-store.ts'

export type DefinitionsFollower = {
  /** Looks now, and answers when this process and the outbox go by what is there. */
  look(): Promise<void>
  stop(): Promise<void>
}

type FollowerPorts = {
  readonly org: Org
  readonly outbox: OutboxStore
  /** Why nothing can be sent as this user now; null when it can. */
  readonly whyNotAs: (username: string) => Promise<string | null>
  readonly log: Log
}

/**
 * Keeps this process, and the routes of outbound messages, at the newest definitions of any process. A message that
 * there is nobody to send as is on hold until there is: that is no fault of its listener, and costs no lifetime.
 */
export async function followDefinitions(ports: FollowerPorts): Promise<DefinitionsFollower> {
  const { org, outbox, log } = ports
  let routed = ''
  let unsendable: ReadonlyMap<string, string> = new Map()
  const told = new Map<string, string>()

  const look = async () => {
    const { definitionsVersion } = await org.store.readRecords([])
    const { version, outboundMessages } = await org.refresh(definitionsVersion)
    const found = await unsendableOf(outboundMessages, ports.whyNotAs)
    const present = JSON.stringify([version, [...found]])
    if (present === routed) return
    await outbox.route(
      outboundMessages.map((each) => routeOf(each, found.get(each.key))),
      org.clock.now(),
    )
    routed = present
    unsendable = found
  }
  await look()
  const turn = async () => {
    await look()
    tell(log, told, unsendable) // not at once: whoever loads a project may make its users next
    return 'idle' as const
  }
  const loop = startLoop(turn, {
    idleMs: SECOND_MS,
    onError: (error) => log.warn('definitions.unread', { reason: errorText(error) }),
  })
  return { look, stop: loop.stop }
}

/** The messages that there is nobody to send as, by their keys, with why. */
async function unsendableOf(
  messages: readonly KnownMessage[],
  whyNotAs: FollowerPorts['whyNotAs'],
): Promise<ReadonlyMap<string, string>> {
  const users = [...new Set(messages.map((each) => each.integrationUser))]
  const whyNot = new Map(
    await Promise.all(users.map(async (user) => [user, await whyNotAs(user)] as const)),
  )
  return new Map(
    messages.flatMap(({ key, integrationUser }) => {
      const reason = whyNot.get(integrationUser) ?? null
      return reason === null ? [] : [[key, reason] as const]
    }),
  )
}

function routeOf(message: KnownMessage, unsendable: string | undefined): Route {
  const { outboundMessageId, key, endpointUrl, schedule, pace } = message
  const heldReason = message.heldReason ?? unsendable ?? null
  return { outboundMessageId, key, endpointUrl, heldReason, schedule, pace }
}

/** Tells what is on hold for want of a user now, and what no longer is. */
function tell(log: Log, told: Map<string, string>, unsendable: ReadonlyMap<string, string>): void {
  for (const [outboundMessage, reason] of unsendable) {
    if (told.get(outboundMessage) === reason) continue
    told.set(outboundMessage, reason)
    log.warn('message.held', { outboundMessage, reason })
  }
  for (const outboundMessage of told.keys()) {
    if (unsendable.has(outboundMessage)) continue
    told.delete(outboundMessage)
    log.info('message.released', { outboundMessage })
  }
}
