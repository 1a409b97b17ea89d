import { SECOND_MS } from '../base/clock.ts'
import { errorText } from '../base/log.ts'
import { type Loop, startLoop } from '../base/loop.ts'
import type { Org } from '../org/open-org.ts'
import { openRollUpRecalculation } from '../org/roll-ups/recalculate-roll-ups.ts'

/** The loop that calculates roll-ups anew when their definitions have changed. */
export function startRollUps(org: Org): Loop {
  return startLoop(openRollUpRecalculation(org).turn, {
    idleMs: SECOND_MS,
    onError: (error) => org.log.error('rollup.failed', { reason: errorText(error) }),
  })
}
