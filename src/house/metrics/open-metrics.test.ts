import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOON } from '../../../test/support/test-clock.ts'
import { silentLog } from '../../base/log.ts'
import type { LaneHealth } from '../../health/health-store.ts'
import { judgeHealth } from '../../health/judge-health.ts'
import { openMetrics } from './open-metrics.ts'
import { routeClassOf } from './route-class.ts'
import type { Scraped } from './tell-health.ts'

const LANE: LaneHealth = {
  endpointUrl: 'https://me:secret@erp.example/in?key=secret',
  isHeld: false,
  probeAt: null,
  failureCount: 0,
  leasedCount: 2,
  dueAt: NOON - 3000,
  oldestCreatedAt: NOON - 9000,
  waitingCount: 7,
}

function scraped(lanes: readonly LaneHealth[]): Scraped {
  const process = { processId: '1', owner: 'a', roles: ['sender'], seenAgoMs: 1, turnedAgoMs: 1 }
  const facts = {
    lanes,
    deadLetterCount: 4,
    emailDueAt: null,
    timeEntryDueAt: null,
    runDueAt: null,
    processes: [process],
  }
  const now = NOON
  return { facts, now, health: judgeHealth(facts, { now, lateAfterMs: 1000 }) }
}

const ATTEMPT = {
  endpoint: 'https://erp.example/in?key=***',
  count: 3,
  attempt: 1,
  isProbe: false,
  durationMs: 40,
  requestBytes: 900,
  responseBytes: 300,
  queueAgeMs: 1200,
}

test('attempts are counted from the lines that tell of them', async () => {
  const { log, text } = openMetrics(silentLog)

  log.info('message.sent', ATTEMPT)
  log.warn('message.unanswered', { ...ATTEMPT, attempt: 2, isProbe: true })
  log.warn('message.unsent', { ...ATTEMPT, attempt: 2 })
  log.info('outbox.swept', { released: 1, expired: 2 })

  const lines = (await text(scraped([LANE]))).text.split('\n')
  for (const line of [
    'obm_attempts_total{endpoint="erp.example",outcome="acknowledged"} 1',
    'obm_attempts_total{endpoint="erp.example",outcome="unanswered"} 1',
    'obm_attempted_notifications_total{outcome="acknowledged"} 3',
    'obm_retries_total 2',
    'obm_probes_total{outcome="unanswered"} 1',
    'obm_attempt_duration_seconds_count{endpoint="erp.example"} 2',
    'obm_attempt_bytes_total{direction="sent"} 1800',
    'obm_delivery_age_seconds_sum 1.2',
    'obm_expired_total 2',
  ]) {
    assert.ok(lines.includes(line), line)
  }
})

test('a scrape tells of each endpoint what waits for it, and of each part of health', async () => {
  const { text } = openMetrics(silentLog)
  const dead = {
    ...LANE,
    endpointUrl: 'https://dead.example/',
    probeAt: NOON,
    leasedCount: 0,
    oldestCreatedAt: NOON - 60_000,
  }

  const first = await text(scraped([LANE, dead]))
  const lines = first.text.split('\n')
  for (const line of [
    'obm_outbox_oldest_age_seconds{endpoint="erp.example"} 9',
    'obm_outbox_oldest_age_seconds{endpoint="dead.example"} 60',
    'obm_outbox_deliverable_age_seconds{endpoint="erp.example"} 3',
    'obm_outbox_deliverable_age_seconds{endpoint="dead.example"} 0',
    'obm_outbox_waiting{endpoint="erp.example"} 7',
    'obm_outbox_in_flight{endpoint="erp.example"} 2',
    'obm_breaker_open{endpoint="dead.example"} 1',
    'obm_lanes{state="open"} 1',
    'obm_dead_letters 4',
    'obm_health{part="outbox"} 0',
    'obm_health{part="sender"} 1',
    'obm_late_seconds{part="outbox"} 3',
    'obm_processes{role="sender"} 1',
  ]) {
    assert.ok(lines.includes(line), line)
  }
  assert.ok(!first.text.includes('secret'))
  assert.ok(!(await text(scraped([]))).text.includes('erp.example'))
})

test('endpoints without end make no series without end: those that wait longest keep their names', async () => {
  const { log, text } = openMetrics(silentLog)
  const lanes = Array.from({ length: 200 }, (_, index) => ({
    ...LANE,
    endpointUrl: `https://host${index}.example/`,
    oldestCreatedAt: NOON - index * 1000,
  }))
  for (const { endpointUrl } of lanes)
    log.info('message.sent', { ...ATTEMPT, endpoint: endpointUrl })

  const told = (await text(scraped(lanes))).text
  assert.equal([...told.matchAll(/^obm_outbox_waiting\{/gm)].length, 51)
  assert.equal([...told.matchAll(/^obm_attempts_total\{/gm)].length, 51)
  assert.match(told, /^obm_outbox_oldest_age_seconds\{endpoint="host199\.example"\} 199$/m)
  assert.match(told, /^obm_outbox_oldest_age_seconds\{endpoint="other"\} 149$/m)
  assert.match(told, /^obm_outbox_waiting\{endpoint="other"\} 1050$/m)
})

test('requests are counted by what they are for, not by the paths that strangers think of', () => {
  for (const [path, route] of [
    ['/v2/api/jobconfigs/x/sfdc/obm/secret', 'receive'],
    ['/v2/api/jobs', 'datacloud'],
    ['/services/Soap/u/60.0', 'soap'],
    ['/services/data/v60.0/query?q=x', 'rest'],
    ['/services/oauth2/token', 'oauth'],
    ['/setup/api/outbox', 'setup'],
    ['/metrics', 'operations'],
    ['/', 'other'],
    ['/wp-login.php', 'other'],
  ] as const) {
    assert.equal(routeClassOf(path), route, path)
  }
})
