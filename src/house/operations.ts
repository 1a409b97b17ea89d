import type { Log } from '../base/log.ts'
import { type Health, judgeHealth } from '../health/judge-health.ts'
import type { Operations } from '../web/operations.ts'
import type { Answered } from '../web/server.ts'
import type { HouseOptions } from './house-options.ts'
import type { Scraped } from './metrics/tell-health.ts'

/** What is read for a scrape serves others for so long: nobody slows the store by asking. */
const READ_AGAIN_MS = 2000

/** What a process shows whoever operates it. */
export type HouseOperations = {
  /** The log, with what it tells counted. */
  readonly log: Log
  readonly operations: Operations
  readonly onAnswered?: (answered: Answered) => void
  health(): Promise<Health>
}

/** Opens health, and the metrics of a process that has a port to show them on: others are spared the counting. */
export async function openOperations(options: HouseOptions): Promise<HouseOperations> {
  const { stores, clock, log, metricsToken, lateAfterMs } = options
  const isReady = async () => (await stores.org.readSetting('organizationId')) !== null
  const read = async (): Promise<Scraped> => {
    const facts = await stores.health.facts()
    const now = clock.now()
    return { facts, now, health: judgeHealth(facts, { now, lateAfterMs }) }
  }
  const scraped = readAtMostEach(READ_AGAIN_MS, clock.real, read)
  const health = async () => (await scraped()).health
  if (!answersOperators(options)) {
    return { log, health, operations: { isReady, inner: null } }
  }
  const { openMetrics } = await import('./metrics/open-metrics.ts')
  const metrics = openMetrics(log)
  const text = async () => metrics.text(await scraped())
  return {
    log: metrics.log,
    onAnswered: metrics.onAnswered,
    health,
    operations: { isReady, inner: { health, metrics: text, token: metricsToken } },
  }
}

/**
 * Whether a process has a port that is not the receiver's own. One that only sends has none of itself: it gets one,
 * for whoever operates it, when it is told which.
 */
export function answersOperators(
  options: Pick<HouseOptions, 'roles' | 'receiver' | 'isPortGiven'>,
): boolean {
  const { roles, receiver, isPortGiven } = options
  const receivesHere = roles.includes('receiver') && receiver.port === null
  return (
    isPortGiven || receivesHere || roles.some((role) => role !== 'sender' && role !== 'receiver')
  )
}

function readAtMostEach<T>(
  ms: number,
  now: () => number,
  read: () => Promise<T>,
): () => Promise<T> {
  let kept: { readonly at: number; readonly answer: Promise<T> } | null = null
  return () => {
    if (kept !== null && now() - kept.at < ms) return kept.answer
    const answer = read()
    const reading = { at: now(), answer }
    kept = reading
    answer.catch(() => {
      if (kept === reading) kept = null
    })
    return answer
  }
}
