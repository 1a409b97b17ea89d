import { type Clock, HOUR_MS, type Instant } from '../base/clock.ts'

/** Routes with causes remembered; there are as many as job configs that refuse something. */
const ROUTES_MAX = 1_000

/** Causes remembered of one route; then what was told longest ago is told again. */
const CAUSES_MAX = 50

/**
 * One cause on one route is told so often in an hour at the most: strangers whose requests fall between good ones
 * would else raise an alert each time.
 */
const TOLD_PER_HOUR_MAX = 6

/** Why something was refused, and what it was. */
export type Cause = {
  readonly errorCode: string
  /** Null: there is no such job config, or nobody has looked yet. All of those share one allowance. */
  readonly jobConfigId: string | null
  /** Tells causes of one code apart: the outbound message's id, or the unknown job config's. */
  readonly subject: string | null
}

/** Tells the first refusal of each cause from those that follow it. */
export type Alerts = {
  /** Whether a person should be told: this cause is new on this route since it last worked. */
  isNew(cause: Cause): boolean
  /** The route took in a message of this kind: what refuses the next is news again. */
  worked(jobConfigId: string, actionId: string): void
}

type Route = {
  /** `CODE subject`, told longest ago first. */
  readonly told: Set<string>
  readonly hours: Map<string, { readonly startedAt: Instant; count: number }>
}

/** Remembers, in bounded memory, which causes were told. */
export function openAlerts(clock: Pick<Clock, 'real'>): Alerts {
  const routes = new Map<string, Route>()

  const routeOf = (name: string): Route => {
    const route = routes.get(name) ?? { told: new Set(), hours: new Map() }
    const [oldest] = routes.keys()
    if (!routes.has(name) && routes.size >= ROUTES_MAX && oldest !== undefined) {
      routes.delete(oldest)
    }
    routes.set(name, route)
    return route
  }
  return {
    isNew({ errorCode, jobConfigId, subject }) {
      const { told, hours } = routeOf(jobConfigId ?? '')
      const cause = `${errorCode} ${subject ?? ''}`
      if (told.has(cause) || !isAllowed(hours, errorCode, clock.real())) return false
      const [oldest] = told
      if (told.size >= CAUSES_MAX && oldest !== undefined) told.delete(oldest)
      told.add(cause)
      return true
    },
    worked(jobConfigId, actionId) {
      const told = routes.get(jobConfigId)?.told ?? []
      for (const cause of told) {
        const [, subject = ''] = cause.split(' ')
        if (subject === '' || subject === actionId) routes.get(jobConfigId)?.told.delete(cause)
      }
    },
  }
}

function isAllowed(hours: Route['hours'], errorCode: string, now: Instant): boolean {
  const hour = hours.get(errorCode)
  if (!hour || now - hour.startedAt >= HOUR_MS) {
    hours.set(errorCode, { startedAt: now, count: 1 })
    return true
  }
  hour.count += 1
  return hour.count <= TOLD_PER_HOUR_MAX
}
