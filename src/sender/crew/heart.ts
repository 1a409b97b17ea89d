import { errorText } from '../../base/log.ts'
import type { HandPorts } from './hand-ports.ts'
import type { Load } from './load.ts'

/** Prolongs what is held as long as something is. Ask it to look whenever that changes. */
export function openHeart(
  { renew, realNow, leaseMs, heartbeatMs, log }: HandPorts,
  loads: () => readonly Load[],
): { look(): void } {
  let heartbeat: NodeJS.Timeout | null = null
  const beat = async () => {
    const askedAt = realNow()
    const held = loads().filter(({ state }) => state !== 'lapsing')
    const lost = await renew(held.map(({ lease }) => lease))
    for (const load of held) {
      load.goodUntil = lost.includes(load.lease.token) ? askedAt : askedAt + leaseMs
    }
  }
  const tryBeat = () => {
    beat().catch((error: unknown) => {
      log.warn('sender.renew_failed', { reason: errorText(error) })
    })
  }
  return {
    look: () => {
      const isHolding = loads().length > 0
      if (isHolding) heartbeat ??= setInterval(tryBeat, heartbeatMs).unref()
      else if (heartbeat !== null) {
        clearInterval(heartbeat)
        heartbeat = null
      }
    },
  }
}
