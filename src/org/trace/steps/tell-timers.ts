import type { Instant } from '../../../base/clock.ts'
import type { OrgRecord, RecordChange } from '../../../schema/record.ts'
import type { DueFiring } from '../../save/context/save-context.ts'
import type { DecidedEntries, HeldEntry } from '../../time-queue/decide-entries.ts'
import { sourceKey, sourceName, type TimeSource } from '../../time-queue/time-entry.ts'
import type { StepVerdict, TellStep } from '../save-trace.ts'

/** Tells what a save made of what waits for its record, and of what it put in the time queue. */
export function tellTimers(
  change: RecordChange,
  at: {
    readonly before: readonly HeldEntry[]
    readonly decided: DecidedEntries
    readonly witness: TellStep
  },
): void {
  const { before, decided, witness } = at
  const known = new Map(before.map((entry) => [sourceKey(entry.source), entry.dueAt]))
  const verdicts = [
    ...decided.ended.map(({ entry, reason }) => verdictOf(entry.source, 'removed', reason)),
    ...decided.held.map(({ source, dueAt }) => heldVerdict(source, dueAt, known)),
  ]
  if (verdicts.length === 0) return
  witness(change, {
    kind: 'timeTriggers',
    verdicts,
    log: [
      ['WF_TIME_TRIGGERS_BEGIN'],
      ...verdicts.map(({ name, verdict, reason }) => ['WF_TIME_TRIGGER', name, verdict, reason]),
    ],
  })
}

function heldVerdict(
  source: TimeSource,
  dueAt: Instant,
  known: ReadonlyMap<string, Instant>,
): StepVerdict {
  const due = `due at ${new Date(dueAt).toISOString()}`
  const was = known.get(sourceKey(source))
  if (was === undefined) return verdictOf(source, 'queued', due)
  if (was === dueAt) return verdictOf(source, 'waits', due)
  return verdictOf(source, 'moved', `${due}, before ${new Date(was).toISOString()}`)
}

function verdictOf(source: TimeSource, verdict: string, why: string): StepVerdict {
  const part =
    source.kind === 'rule' ? `time trigger ${source.triggerIndex + 1}` : `path ${source.pathName}`
  return { name: `${sourceName(source)}, ${part}`, verdict, reason: `${verdict}: ${why}` }
}

/** Tells what became of an entry that was due. */
export function tellDue(
  at: { readonly source: TimeSource; readonly record: OrgRecord; readonly due: DueFiring },
  witness: TellStep,
): void {
  const { source, record, due } = at
  const { objectName, recordId } = record
  const failed = due.kind === 'failed' ? due.errors[0]?.message : undefined
  const why = failed ?? ('reason' in due ? due.reason : 'it was due')
  const verdict = verdictOf(source, DUE_VERDICTS[due.kind], why)
  const change = { objectName, recordId, before: record, after: record }
  const line = ['WF_TIME_TRIGGER', verdict.name, verdict.verdict, verdict.reason]
  witness(change, { kind: 'timeTriggers', verdicts: [verdict], log: [line] })
}

const DUE_VERDICTS: Readonly<Record<DueFiring['kind'], string>> = {
  fired: 'carried out',
  ran: 'carried out',
  failed: 'failed',
  'not met': 'removed',
  held: 'held',
}
