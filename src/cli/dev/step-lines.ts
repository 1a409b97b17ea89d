import type { LogFields } from '../../base/log.ts'

/** One line for a step of a record's way, as `obm dev` prints it; null for events that are no such step. */
export function stepLine(event: string, fields: LogFields): string | null {
  const f = (name: string) => String(fields[name] ?? '')
  switch (event) {
    case 'record.saved':
      return line(
        'saved',
        `${f('objectName')} ${quoted(fields.name)}${f('recordId')} ${f('change')} by ${f('user')}`,
      )
    case 'rule.fired':
      return line('rule fired', `${f('rule')} for ${f('recordId')}`)
    case 'flow.ran':
      return line('flow ran', `${f('flow')} for ${f('recordId')}`)
    case 'time.queued':
      return line('due later', `${f('source')} for ${f('recordId')} at ${f('dueAt')}`)
    case 'time.moved':
      return line('due at another time', `${f('source')} for ${f('recordId')} at ${f('dueAt')}`)
    case 'time.executed':
      return line('was due', `${f('source')} for ${f('recordId')}`)
    case 'time.removed':
      return line('due no more', `${f('source')} for ${f('recordId')}: ${f('reason')}`)
    case 'time.refused':
      return line('due, refused', `${f('source')} for ${f('recordId')}: ${f('reason')}`)
    case 'time.rule_gone':
      return line(
        'due, waits',
        `${f('source')} of ${f('objectName')} is gone: what it queued waits for it, or until its record is saved`,
      )
    case 'time.held':
      return line('due, waits', `${f('source')}: ${f('reason')}`)
    case 'notification.queued':
      return line('queued', `${f('notificationId')} ${f('outboundMessage')} for ${f('recordId')}`)
    case 'message.posted':
      return line('sent', `${message(fields)} to ${f('endpoint')}`)
    case 'message.sent':
      return line('acknowledged', `${message(fields)} by ${f('endpoint')} in ${f('durationMs')} ms`)
    case 'message.refused':
      return line('refused', `${message(fields)} by ${f('endpoint')}: ${f('reason')}`)
    case 'message.unsent':
      return line('not sent', `${message(fields)}: ${f('reason')}`)
    case 'message.unanswered':
      return line('not answered', `${message(fields)} by ${f('endpoint')}: ${f('reason')}`)
    case 'message.held':
      return line('held', `${f('outboundMessage')}: ${f('reason')}`)
    case 'message.released':
      return line('goes on', `${f('outboundMessage')}: there is a user to send as again`)
    case 'message.gone':
      return line(
        'held',
        `${f('outboundMessage')} is gone, and ${f('count')} of its notifications wait for it: obm outbox del --message ${f('outboundMessage')} removes them`,
      )
    case 'email.sent':
      return line('e-mail sent', `${f('about')} (${f('recordId')}) to ${receivers(fields)}`)
    case 'email.trapped':
      return line('e-mail trapped', `${f('about')} (${f('recordId')}) to ${receivers(fields)}`)
    case 'email.deferred':
      return line('e-mail waits', `${f('about')} (${f('recordId')}): ${f('reason')}`)
    case 'email.failed':
      return line('e-mail failed', `${f('about')} (${f('recordId')}): ${f('reason')}`)
    case 'email.unaddressed':
      return line('e-mail to nobody', `${f('about')} (${f('recordId')}): ${f('reason')}`)
    case 'inbox.refused':
      return line('not accepted', `job config ${f('jobConfigId')}: ${f('code')} ${f('reason')}`)
    case 'run.attempted':
      return line(runWord(f('settlement')), runText(fields))
    default:
      return null
  }
}

function line(word: string, text: string): string {
  return `${word.padEnd(18)}${text}`
}

function receivers({ recipients, firstRecipient }: LogFields): string {
  return Number(recipients) > 1
    ? `${firstRecipient} and ${Number(recipients) - 1} more`
    : `${firstRecipient}`
}

function quoted(name: LogFields[string]): string {
  return name ? `${JSON.stringify(name)} ` : ''
}

function message(fields: LogFields): string {
  const count = Number(fields.count)
  const attempt = Number(fields.attempt) > 1 ? `, attempt ${fields.attempt}` : ''
  const records =
    count === 1 ? `${fields.firstRecordId}` : `${count} records from ${fields.firstRecordId} on`
  return `${fields.outboundMessage} (${records}${attempt})`
}

function runWord(settlement: string): string {
  if (settlement === 'finished') return 'job run finished'
  return settlement === 'retry' ? 'job run retries' : 'job run failed'
}

function runText(fields: LogFields): string {
  const record = fields.recordId ? ` for ${fields.recordId}` : ''
  const reason = fields.reason ? `: ${fields.reason}` : ''
  return `${fields.jobConfigId} run ${fields.runId}${record}${reason}`
}
