import type { Instant } from '../base/clock.ts'

/** A process of the store, as it last said that it lives. Its roles say which loops it runs. */
export type ProcessView = {
  readonly processId: string
  /** Host and process, for people. */
  readonly owner: string
  readonly roles: readonly string[]
  /** By the store's own clock. */
  readonly seenAgoMs: number
  /** For how long no turn of its sender has ended; null in a process without one. */
  readonly turnedAgoMs: number | null
}

/** A lane as health and metrics see it: nothing of it is counted to its end. */
export type LaneHealth = {
  readonly endpointUrl: string
  /** By a person, itself or all its outbound messages, or by their definitions. */
  readonly isHeld: boolean
  /** Not null while the breaker is open. */
  readonly probeAt: Instant | null
  /** Attempts in a row that went unanswered. */
  readonly failureCount: number
  readonly leasedCount: number
  /** Since when the first of what is not on hold and not on its way is due; it may be later than now. */
  readonly dueAt: Instant | null
  /** Of the oldest that waits, whatever holds it. */
  readonly oldestCreatedAt: Instant | null
  /** As far as it was counted. */
  readonly waitingCount: number
}

/** What the store knows of how things go. */
export type HealthFacts = {
  readonly lanes: readonly LaneHealth[]
  /** As far as they were counted. */
  readonly deadLetterCount: number
  /** When the first of what waits is due, of each loop beside the sender; null: nothing waits. */
  readonly emailDueAt: Instant | null
  readonly timeEntryDueAt: Instant | null
  readonly runDueAt: Instant | null
  /** Those that were seen within a day. */
  readonly processes: readonly ProcessView[]
}

/** What health asks of a store. */
export type HealthStore = {
  /** Says that a process lives. */
  beat(process: Omit<ProcessView, 'seenAgoMs'>): Promise<void>
  /** Says that it ends. */
  leave(processId: string): Promise<void>
  processes(): Promise<readonly ProcessView[]>
  facts(): Promise<HealthFacts>
}
