import { SECOND_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { startLoop } from '../base/loop.ts'
import type { Org } from '../org/open-org.ts'
import type { OutboxStore } from '../outbox/outbox-store.ts'

export type DefinitionsFollower = {
  /** Looks now, and answers when this process and the outbox go by what is there. */
  look(): Promise<void>
  stop(): Promise<void>
}

/** Keeps this process, and the routes of outbound messages, at the newest definitions of any process. */
export async function followDefinitions(ports: {
  org: Org
  outbox: OutboxStore
  log: Log
}): Promise<DefinitionsFollower> {
  const { org, outbox, log } = ports
  let routed = -1

  const look = async () => {
    const { definitionsVersion } = await org.store.readRecords([])
    const { version, outboundMessages } = await org.refresh(definitionsVersion)
    if (version === routed) return
    await outbox.route(
      outboundMessages.map(
        ({ outboundMessageId, key, endpointUrl, heldReason, schedule, pace }) => ({
          outboundMessageId,
          key,
          endpointUrl,
          heldReason,
          schedule,
          pace,
        }),
      ),
      org.clock.now(),
    )
    routed = version
  }
  await look()
  const turn = async () => {
    await look()
    return 'idle' as const
  }
  const loop = startLoop(turn, {
    idleMs: SECOND_MS,
    onError: (error) => log.warn('definitions.unread', { reason: errorText(error) }),
  })
  return { look, stop: loop.stop }
}
