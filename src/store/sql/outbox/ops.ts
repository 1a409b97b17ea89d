import { attempted, attempts } from '../attempts/attempts.ts'
import { attemptEndpoints, findAttempts } from '../attempts/find-attempts.ts'
import { cutWithin, endAttempts, endDeadLetters, sumAttempts } from '../attempts/retain-attempts.ts'
import type { NamedOp } from '../op.ts'
import { countWaiting, lanes, workAhead } from './lanes.ts'
import { lease } from './lease/lease.ts'
import { del, retry } from './people/acts.ts'
import { list } from './people/list.ts'
import { expire, release, renew, rescue, wake } from './rescue.ts'
import { addresses, credit, hold, resume } from './routes/hold.ts'
import { hastenMessage, relive } from './routes/reroute.ts'
import { route } from './routes/route.ts'
import { paceLane } from './routes/route-lanes.ts'
import { hasten, settle } from './settle.ts'

/** The ops of the outbox and of its attempt log, for the registry. */
export const OUTBOX_OPS: readonly NamedOp<never, unknown>[] = [
  lease,
  settle,
  hasten,
  renew,
  release,
  wake,
  rescue,
  expire,
  route,
  relive,
  hastenMessage,
  list,
  lanes,
  countWaiting,
  paceLane,
  workAhead,
  attempts,
  attempted,
  findAttempts,
  attemptEndpoints,
  retry,
  del,
  hold,
  addresses,
  resume,
  credit,
  sumAttempts,
  cutWithin,
  endAttempts,
  endDeadLetters,
]
