import { type Clock, SECOND_MS } from '../../base/clock.ts'
import { errorText, type Log } from '../../base/log.ts'
import { startLoop } from '../../base/loop.ts'
import type { OrgStore } from '../../org/org-store.ts'

/** A clock whose org time runs ahead of another by what the store says: the same in all processes. */
export type ShiftedClock = Clock & {
  /** By how much `now` is ahead of the other clock's, in milliseconds; it only ever grows. */
  shiftMs(): number
  /** Writes a greater shift, and goes by it. A smaller one is ignored: org time never goes back. */
  shiftTo(shiftMs: number): Promise<void>
  /** Looks no longer at what other processes write. */
  stop(): Promise<void>
}

const SETTING = 'clockShiftMs'

/** Opens it at the shift the store has; one that another process writes is followed within a second. */
export async function openShiftedClock(ports: {
  store: Pick<OrgStore, 'readSetting' | 'writeSetting'>
  clock: Clock
  log: Log
}): Promise<ShiftedClock> {
  const { store, clock, log } = ports
  let shift = 0

  const look = async () => {
    shift = Math.max(shift, readShift(await store.readSetting(SETTING)))
    return 'idle' as const
  }
  await look()
  const loop = startLoop(look, {
    idleMs: SECOND_MS,
    onError: (error) => log.warn('clock.unread', { reason: errorText(error) }),
  })
  return {
    now: () => clock.now() + shift,
    real: clock.real,
    shiftMs: () => shift,
    shiftTo: async (shiftMs) => {
      await look()
      if (shiftMs <= shift) return
      await store.writeSetting(SETTING, String(shiftMs))
      shift = Math.max(shift, shiftMs)
    },
    stop: loop.stop,
  }
}

function readShift(value: string | null): number {
  const shiftMs = Number(value ?? 0)
  if (Number.isSafeInteger(shiftMs) && shiftMs >= 0) return shiftMs
  throw new Error(`the setting ${SETTING} should be milliseconds, found ${JSON.stringify(value)}`)
}
