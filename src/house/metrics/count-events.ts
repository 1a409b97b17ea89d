import { Counter, Histogram, type Registry } from 'prom-client'
import type { Log, LogFields } from '../../base/log.ts'
import { openLabelBook } from './label-book.ts'

/** So many endpoints have series of their own. */
const ENDPOINTS_MAX = 50

type Count = (fields: LogFields) => void

/**
 * Hands each event of the log on, and counts it. What is logged is what is counted: the rooms tell of a thing once,
 * and no two places can disagree of it.
 */
export function countEvents(log: Log, registry: Registry): Log {
  const counts: Readonly<Record<string, Count>> = {
    ...attemptCounts(registry),
    ...savingCounts(registry),
    ...receivingCounts(registry),
  }
  const count = (event: string, fields: LogFields = {}) => {
    if (Object.hasOwn(counts, event)) counts[event]?.(fields)
  }
  const counting =
    (level: keyof Log) =>
    (event: string, fields?: LogFields): void => {
      count(event, fields)
      log[level](event, fields)
    }
  return {
    debug: counting('debug'),
    info: counting('info'),
    warn: counting('warn'),
    error: counting('error'),
  }
}

function attemptCounts(registry: Registry): Record<string, Count> {
  const registers = [registry]
  const attempts = new Counter({
    name: 'obm_attempts_total',
    help: 'Attempts at sending a message',
    labelNames: ['endpoint', 'outcome'],
    registers,
  })
  const notifications = new Counter({
    name: 'obm_attempted_notifications_total',
    help: 'Notifications in attempts: delivered when acknowledged, else retried or given up',
    labelNames: ['outcome'],
    registers,
  })
  const retries = new Counter({
    name: 'obm_retries_total',
    help: 'Attempts whose first notification had been in one before',
    registers,
  })
  const probes = new Counter({
    name: 'obm_probes_total',
    help: 'Attempts at endpoints whose breaker was open',
    labelNames: ['outcome'],
    registers,
  })
  const duration = new Histogram({
    name: 'obm_attempt_duration_seconds',
    help: 'From the wait for a connection to the end of the answer',
    labelNames: ['endpoint'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
    registers,
  })
  const queueAge = new Histogram({
    name: 'obm_delivery_age_seconds',
    help: 'How long the oldest notification of an acknowledged message had been owed',
    buckets: [0.1, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200, 86_400],
    registers,
  })
  const bytes = new Counter({
    name: 'obm_attempt_bytes_total',
    help: 'Bytes of the bodies of messages and of their answers',
    labelNames: ['direction'],
    registers,
  })
  const expired = new Counter({
    name: 'obm_expired_total',
    help: 'Notifications that became dead letters as they waited',
    registers,
  })
  const labelOf = openLabelBook(ENDPOINTS_MAX)
  const attempt = (outcome: string) => (fields: LogFields) => {
    const endpoint = labelOf(URL.parse(textOf(fields['endpoint']))?.host ?? '')
    attempts.inc({ endpoint, outcome })
    notifications.inc({ outcome }, numberOf(fields['count']))
    if (numberOf(fields['attempt']) > 1) retries.inc()
    if (fields['isProbe'] === true) probes.inc({ outcome })
    if (outcome === 'unsent') return
    duration.observe({ endpoint }, numberOf(fields['durationMs']) / 1000)
    bytes.inc({ direction: 'sent' }, numberOf(fields['requestBytes']))
    bytes.inc({ direction: 'received' }, numberOf(fields['responseBytes']))
    if (outcome === 'acknowledged') queueAge.observe(numberOf(fields['queueAgeMs']) / 1000)
  }
  return {
    'message.sent': attempt('acknowledged'),
    'message.refused': attempt('refused'),
    'message.unanswered': attempt('unanswered'),
    'message.unsent': attempt('unsent'),
    'outbox.swept': (fields) => expired.inc(numberOf(fields['expired'])),
  }
}

function savingCounts(registry: Registry): Record<string, Count> {
  const simple = simplyIn(registry)
  const emails = labelledIn(
    registry,
    'obm_emails_total',
    'E-mails, by what became of them',
    'state',
  )
  const entries = labelledIn(
    registry,
    'obm_time_entries_total',
    'Entries of the time queue',
    'state',
  )
  const saves = labelledIn(registry, 'obm_saves_total', 'Records saved', 'change')
  return {
    'record.saved': ({ change }) => saves.inc({ change: textOf(change) }),
    'rule.fired': simple('obm_rules_fired_total', 'Workflow rules that fired'),
    'flow.ran': simple('obm_flows_run_total', 'Flows that ran'),
    'notification.queued': simple(
      'obm_notifications_queued_total',
      'Notifications put in the outbox',
    ),
    'trace.skipped': simple('obm_traces_skipped_total', 'Times that saves were left untraced'),
    'email.queued': () => emails.inc({ state: 'queued' }),
    'email.sent': () => emails.inc({ state: 'sent' }),
    'email.trapped': () => emails.inc({ state: 'trapped' }),
    'email.failed': () => emails.inc({ state: 'failed' }),
    'email.unaddressed': () => emails.inc({ state: 'noRecipients' }),
    'email.deferred': () => emails.inc({ state: 'retried' }),
    'email.expired': ({ count }) => emails.inc({ state: 'expired' }, numberOf(count)),
    'time.queued': () => entries.inc({ state: 'queued' }),
    'time.executed': () => entries.inc({ state: 'executed' }),
    'time.removed': () => entries.inc({ state: 'removed' }),
    'time.failed': () => entries.inc({ state: 'failed' }),
  }
}

function receivingCounts(registry: Registry): Record<string, Count> {
  const accepted = labelledIn(
    registry,
    'obm_accepted_notifications_total',
    'Notifications that the receiver acknowledged: new ones, those kept and not run, and copies of known ones',
    'kind',
  )
  const differing = new Counter({
    name: 'obm_differing_copies_total',
    help: 'Copies of known notifications that came with other content than at first',
    registers: [registry],
  })
  const staleOnes = new Counter({
    name: 'obm_stale_notifications_total',
    help: 'New notifications older than what was accepted before of their record',
    registers: [registry],
  })
  const refused = labelledIn(
    registry,
    'obm_refused_messages_total',
    'Messages that the receiver refused, by error code',
    'code',
  )
  const alerts = labelledIn(
    registry,
    'obm_receiver_alerts_total',
    'Causes of refusals that were new on their route, by error code',
    'code',
  )
  const runs = labelledIn(registry, 'obm_job_run_attempts_total', 'Attempts of job runs', 'outcome')
  return {
    'inbox.accepted': ({ newNotifications, duplicates, skipped, stale }) => {
      accepted.inc({ kind: 'new' }, numberOf(newNotifications) - numberOf(skipped))
      accepted.inc({ kind: 'skipped' }, numberOf(skipped))
      accepted.inc({ kind: 'duplicate' }, numberOf(duplicates))
      staleOnes.inc(numberOf(stale))
    },
    'inbox.copy_differs': ({ count }) => differing.inc(numberOf(count)),
    // The codes are those of our own list: they are few.
    'inbox.refused': ({ code }) => refused.inc({ code: textOf(code) }),
    'inbox.route_fails': ({ code }) => alerts.inc({ code: textOf(code) }),
    'run.attempted': ({ outcome }) => runs.inc({ outcome: textOf(outcome) }),
  }
}

function simplyIn(registry: Registry) {
  return (name: string, help: string): Count => {
    const counter = new Counter({ name, help, registers: [registry] })
    return () => counter.inc()
  }
}

function labelledIn(registry: Registry, name: string, help: string, label: string) {
  return new Counter({ name, help, labelNames: [label], registers: [registry] })
}

function numberOf(value: LogFields[string]): number {
  return typeof value === 'number' && value >= 0 ? value : 0
}

function textOf(value: LogFields[string]): string {
  return typeof value === 'string' ? value : ''
}
