import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Log } from '../../base/log.ts'
import type { Answered } from '../../web/server.ts'
import { countEvents } from './count-events.ts'
import { routeClassOf } from './route-class.ts'
import { openHealthGauges, type Scraped } from './tell-health.ts'

/** What is counted in this process, and what a scrape reads from the store. */
export type Metrics = {
  /** The log, with what it tells counted. */
  readonly log: Log
  readonly onAnswered: (answered: Answered) => void
  /** Everything in Prometheus's text format. */
  text(scraped: Scraped): Promise<{ readonly contentType: string; readonly text: string }>
}

/** Opens a registry of its own, so that two houses of one process do not mix. */
export function openMetrics(log: Log): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 })
  const tellHealth = openHealthGauges(registry)
  return {
    log: countEvents(log, registry),
    onAnswered: countAnswers(registry),
    text: async (scraped) => {
      tellHealth(scraped)
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

function countAnswers(registry: Registry): Metrics['onAnswered'] {
  const requests = new Counter({
    name: 'obm_http_requests_total',
    help: 'Requests that were answered, by kind of route and status',
    labelNames: ['route', 'status'],
    registers: [registry],
  })
  const duration = new Histogram({
    name: 'obm_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers: [registry],
  })
  return ({ path, status, durationMs }) => {
    const route = routeClassOf(path)
    requests.inc({ route, status })
    duration.observe({ route }, durationMs / 1000)
  }
}
