import { Gauge, type Registry } from 'prom-client'
import type { Instant } from '../../base/clock.ts'
import type { HealthFacts, LaneHealth } from '../../health/health-store.ts'
import { deliverableSince, type Health, SEEN_WITHIN_MS } from '../../health/judge-health.ts'
import { OTHERS } from './label-book.ts'

/** So many endpoints, those whose notifications have waited longest, have series of their own. */
const ENDPOINTS_MAX = 50

/** How things go at a scrape. */
export type Scraped = {
  readonly facts: HealthFacts
  readonly health: Health
  readonly now: Instant
}

/** Makes the gauges that a scrape sets anew. Answers what sets them. */
export function openHealthGauges(registry: Registry): (scraped: Scraped) => void {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] })
  const perLane = laneGauges(gauge)
  const parts = gauge('obm_health', '1 when the part is green, 0 when it is red', ['part'])
  const lateness = gauge(
    'obm_late_seconds',
    'How long the oldest of what could be done has been due',
    ['part'],
  )
  const deadLetters = gauge('obm_dead_letters', 'Dead letters, counted up to 10,000')
  const lanes = gauge('obm_lanes', 'Endpoints by state', ['state'])
  const processes = gauge('obm_processes', 'Processes seen in the last minute, by role', ['role'])

  return ({ facts, health, now }) => {
    for (const { name, status, lateMs } of health.parts) {
      parts.set({ part: name }, status === 'green' ? 1 : 0)
      lateness.set({ part: name }, lateMs / 1000)
    }
    deadLetters.set(facts.deadLetterCount)
    for (const state of ['held', 'open', 'closed'] as const) {
      lanes.set({ state }, facts.lanes.filter((lane) => stateOf(lane) === state).length)
    }
    processes.reset()
    const live = facts.processes.filter(({ seenAgoMs }) => seenAgoMs <= SEEN_WITHIN_MS)
    for (const role of live.flatMap((each) => each.roles)) processes.inc({ role })
    perLane(facts.lanes, now)
  }
}

function laneGauges(
  gauge: (name: string, help: string, labelNames: readonly string[]) => Gauge<string>,
): (lanes: readonly LaneHealth[], now: Instant) => void {
  const by = ['endpoint']
  const oldest = gauge(
    'obm_outbox_oldest_age_seconds',
    'Age of the oldest notification that waits, whatever keeps it',
    by,
  )
  const late = gauge(
    'obm_outbox_deliverable_age_seconds',
    'How long the next one that nothing keeps from being sent has been due',
    by,
  )
  const waiting = gauge(
    'obm_outbox_waiting',
    'Notifications that wait, counted up to 10,000 of an outbound message',
    by,
  )
  const inFlight = gauge('obm_outbox_in_flight', 'Messages on their way', by)
  const open = gauge('obm_breaker_open', '1 while the breaker of an endpoint is open', by)

  return (lanes, now) => {
    for (const each of [oldest, late, waiting, inFlight, open]) each.reset()
    for (const [endpoint, ofIt] of byEndpoint(lanes)) {
      const oldestAt = Math.min(now, ...ofIt.flatMap((lane) => lane.oldestCreatedAt ?? []))
      const dueAt = Math.min(now, ...ofIt.flatMap((lane) => deliverableSince(lane, now) ?? []))
      oldest.set({ endpoint }, (now - oldestAt) / 1000)
      late.set({ endpoint }, (now - dueAt) / 1000)
      waiting.set({ endpoint }, sum(ofIt.map((lane) => lane.waitingCount)))
      inFlight.set({ endpoint }, sum(ofIt.map((lane) => lane.leasedCount)))
      open.set({ endpoint }, ofIt.some((lane) => lane.probeAt !== null) ? 1 : 0)
    }
  }
}

/** The lanes by the host of their URLs; those that wait least long under one name, when there are too many. */
function byEndpoint(lanes: readonly LaneHealth[]): ReadonlyMap<string, readonly LaneHealth[]> {
  const hosts = Map.groupBy(lanes, ({ endpointUrl }) => URL.parse(endpointUrl)?.host ?? '')
  const ranked = [...hosts].toSorted(([, one], [, other]) => sinceOf(one) - sinceOf(other))
  const named = new Map(ranked.slice(0, ENDPOINTS_MAX))
  const rest = ranked.slice(ENDPOINTS_MAX).flatMap(([, ofIt]) => ofIt)
  return rest.length === 0 ? named : named.set(OTHERS, rest)
}

/** Since when the oldest waits; lanes in which nothing does come last, the open ones first. */
function sinceOf(lanes: readonly LaneHealth[]): number {
  const isOpen = lanes.some(({ probeAt }) => probeAt !== null)
  const never = isOpen ? Number.MAX_SAFE_INTEGER - 1 : Number.MAX_SAFE_INTEGER
  return Math.min(never, ...lanes.flatMap((lane) => lane.oldestCreatedAt ?? []))
}

function stateOf(lane: LaneHealth): 'held' | 'open' | 'closed' {
  if (lane.isHeld) return 'held'
  return lane.probeAt === null ? 'closed' : 'open'
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, each) => total + each, 0)
}
