import { randomUUID } from 'node:crypto'
import { type Clock, type Instant, SECOND_MS } from '../base/clock.ts'
import { errorText, type Log } from '../base/log.ts'
import { startLoop } from '../base/loop.ts'
import type { Role } from '../config/config.ts'
import type { HealthStore } from '../health/health-store.ts'

/** A process says so often that it lives. */
const BEAT_MS = 15 * SECOND_MS

/** What a process tells of itself. */
type PulsePorts = {
  readonly store: HealthStore
  readonly clock: Clock
  readonly log: Log
  readonly owner: string
  readonly roles: readonly Role[]
  /** When a turn of its sender ended last; null without a sender, or before its first turn. */
  readonly turnedAt: () => Instant | null
}

/** Tells every process of the store that this one lives, until it stops. Answers once it has told so first. */
export async function startPulse(ports: PulsePorts): Promise<{ stop(): Promise<void> }> {
  const { store, clock, log, owner, roles } = ports
  const processId = randomUUID()
  const startedAt = clock.real()
  const beat = async () => {
    const turnedAgoMs = roles.includes('sender')
      ? clock.real() - (ports.turnedAt() ?? startedAt)
      : null
    await store.beat({ processId, owner, roles, turnedAgoMs })
    return 'idle' as const
  }
  await beat()
  const loop = startLoop(beat, {
    idleMs: BEAT_MS,
    onError: (error) => log.warn('process.beat_failed', { reason: errorText(error) }),
  })
  return {
    stop: async () => {
      await loop.stop()
      // Without it the process is taken for alive for a minute more.
      await store.leave(processId).catch((error: unknown) => {
        log.warn('process.leave_failed', { reason: errorText(error) })
      })
    },
  }
}
