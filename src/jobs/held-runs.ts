import type { Clock, Instant } from '../base/clock.ts'
import type { JobStore, LeasedRun, RunLease } from './job-store.ts'

type Held = {
  readonly lease: RunLease
  readonly jobConfigId: string
  readonly controller: AbortController
  /** Our own reading of when the lease lapses; never later than the store's. */
  heldUntil: Instant
}

/** The runs in hand: their leases are renewed together, and who lost his lease is ended. */
export type HeldRuns = {
  readonly count: () => number
  readonly countByConfig: () => Readonly<Record<string, number>>
  /** Takes a run in hand while `work` lasts; its signal aborts when the lease is lost. */
  hold(
    leased: LeasedRun,
    leasedAt: Instant,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void>
  /**
   * Renews all leases. Where the store cannot be asked, ends what may have been taken by others
   * meanwhile.
   */
  renew(): Promise<void>
  endAll(): void
  /** Resolves when nothing is in hand. */
  drained(): Promise<void>
}

/** Keeps the leases of what runs in this process. */
export function openHeldRuns(
  { store, clock }: { readonly store: JobStore; readonly clock: Clock },
  leaseMs: number,
): HeldRuns {
  const held = new Map<string, Held>()
  const works = new Set<Promise<void>>()

  const hold = async (
    leased: LeasedRun,
    leasedAt: Instant,
    work: (signal: AbortSignal) => Promise<void>,
  ) => {
    const { lease, run } = leased
    const controller = new AbortController()
    const heldUntil = leasedAt + leaseMs
    const { jobConfigId } = run
    held.set(lease.token + lease.runId, { lease, jobConfigId, controller, heldUntil })
    const working = work(controller.signal)
    works.add(working)
    try {
      await working
    } finally {
      held.delete(lease.token + lease.runId)
      works.delete(working)
    }
  }

  const renew = async () => {
    const asked = [...held.values()]
    if (asked.length === 0) return
    const askedAt = clock.real()
    try {
      const kept = await store.renewRuns(
        asked.map((each) => each.lease),
        leaseMs,
      )
      const keptIds = new Set(kept.map((lease) => lease.runId))
      for (const each of asked) {
        if (keptIds.has(each.lease.runId)) each.heldUntil = askedAt + leaseMs
        else each.controller.abort()
      }
    } catch (error) {
      for (const each of asked) if (clock.real() >= each.heldUntil) each.controller.abort()
      throw error
    }
  }

  return {
    count: () => held.size,
    countByConfig: () => {
      const counts = new Map<string, number>()
      for (const { jobConfigId } of held.values()) {
        counts.set(jobConfigId, (counts.get(jobConfigId) ?? 0) + 1)
      }
      return Object.fromEntries(counts)
    },
    hold,
    renew,
    endAll: () => {
      for (const each of held.values()) each.controller.abort()
    },
    drained: async () => {
      while (works.size > 0) await Promise.allSettled(works)
    },
  }
}
