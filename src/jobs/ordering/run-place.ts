import type { Instant } from '../../base/clock.ts'
import type { JobConfig } from '../job-config.ts'

/** When a record was last changed, by the record itself: stamps of different fields are never compared. */
export type RecordStamp = {
  readonly field: 'SystemModstamp' | 'LastModifiedDate'
  readonly at: Instant
}

/** Where a run stands among the others of its job config. */
export type RunPlace = {
  /** The record it concerns, with its organisation; null: none is known. */
  readonly recordKey: string | null
  /** The line in which it waits for the runs before it; null: it waits for none. */
  readonly lineId: string | null
  /** Null: the message says nothing of it, or there is no record. */
  readonly stamp: RecordStamp | null
  /** A change that one of the config's own users made: kept, and not run. */
  readonly isOwnChange: boolean
}

/** What a message says of its record. */
export type RecordFacts = {
  readonly organizationId: string | null
  readonly recordId: string | null
  /** The exact text of a field; null where it is nil, empty or absent. */
  valueOf(field: string): string | null
}

type PlacingConfig = Pick<JobConfig, 'jobConfigId' | 'ordering' | 'ownUserIds'>

/** Finds the place of a new run. Pure. */
export function placeRun(config: PlacingConfig, facts: RecordFacts): RunPlace {
  const { organizationId, recordId } = facts
  const recordKey = recordId === null ? null : `${organizationId ?? ''}/${recordId}`
  const modifiedBy = facts.valueOf('LastModifiedById')
  return {
    recordKey,
    lineId: lineIdOf(config, recordKey),
    stamp: recordKey === null ? null : stampOf(facts),
    isOwnChange:
      modifiedBy !== null && config.ownUserIds.some((userId) => isSameId(userId, modifiedBy)),
  }
}

/** The line that a run of the config for the record stands in. */
export function lineIdOf(
  { jobConfigId, ordering }: Pick<JobConfig, 'jobConfigId' | 'ordering'>,
  recordKey: string | null,
): string | null {
  switch (ordering) {
    case 'none':
      return null
    case 'record':
      return recordKey === null ? null : `${recordKey}/${jobConfigId}`
    case 'config':
      return `*/${jobConfigId}`
  }
}

/** SystemModstamp where it is sent: what Salesforce itself changes moves it too. */
function stampOf(facts: RecordFacts): RecordStamp | null {
  for (const field of ['SystemModstamp', 'LastModifiedDate'] as const) {
    const at = instantOf(facts.valueOf(field))
    if (at !== null) return { field, at }
  }
  return null
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

function instantOf(text: string | null): Instant | null {
  if (text === null || !DATE_TIME.test(text)) return null
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : at
}

/** The first 15 characters say it all; the last three only repeat their case. */
function isSameId(one: string, other: string): boolean {
  return /^\w{15}(\w{3})?$/.test(other) && one.slice(0, 15) === other.slice(0, 15)
}
