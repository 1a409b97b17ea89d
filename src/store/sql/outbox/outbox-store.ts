import type { Instant } from '../../../base/clock.ts'
import type { OutboxStore, SettledBatch } from '../../../outbox/outbox-store.ts'
import type { OpRunner } from '../op.ts'
import { attempted, attempts, retain } from './attempts.ts'
import { type Credit, credit, creditOf, hold, holds, resume, resumed } from './hold.ts'
import { lanes, workAhead } from './lanes.ts'
import { lease } from './lease.ts'
import { del, list, retry } from './person.ts'
import { EXPIRY_SLICE, expire, release, renew, rescue, wake } from './rescue.ts'
import { rerouted, route } from './route.ts'
import { hasten, settle } from './settle.ts'

/** The outbox over either store. What may touch very many rows goes in slices, each an op of its own. */
export function openOutboxStore(runner: OpRunner): OutboxStore {
  return {
    lease: (ask) => runner.write(lease, ask),
    settle: (settled) => settleAll(runner, settled),
    renew: async (leased, leaseMs) => {
      const isRenewed = await runner.write(renew, { lease: leased, leaseMs })
      return isRenewed ? 'renewed' : 'lease lost'
    },
    release: (leased, undefinedMessage = undefined) =>
      runner.write(release, { lease: leased, undefinedMessage: undefinedMessage ?? null }),
    wake: (outboundMessageIds, now) => runner.write(wake, { outboundMessageIds, now }),
    sweep: (now) => sweep(runner, now),
    workAhead: () => runner.read(workAhead, undefined),

    list: (filter) => runner.read(list, filter),
    lanes: () => runner.read(lanes, undefined),
    attempts: (filter) => runner.read(attempts, filter),
    attempted: (filter) => runner.read(attempted, filter),
    retry: (filter, now, expiresAt) => runner.write(retry, { filter, now, expiresAt }),
    del: (filter) => runner.write(del, filter),
    retain: (ends) => runner.write(retain, ends),

    hold: (target, reason, now) => runner.write(hold, { target, reason, now }),
    resume: async (target, now) => {
      const before = await runner.read(holds, undefined)
      const credits = before.map((each) => creditOf(each, resumed(each, target), now))
      await giveCredits(runner, credits)
      return runner.write(resume, target)
    },
    route: async (routes, now) => {
      const before = await runner.read(holds, undefined)
      const after = rerouted(before, { routes, now })
      const credits = before.map((each, index) => creditOf(each, after[index] ?? each, now))
      await giveCredits(runner, credits)
      await runner.write(route, { routes, now })
    },
  }
}

async function settleAll(
  runner: OpRunner,
  settled: SettledBatch,
): Promise<'settled' | 'lease lost'> {
  const answer = await runner.write(settle, settled)
  if (answer.kind === 'lease lost') return 'lease lost'
  let mayHasten = answer.mayHasten
  while (mayHasten) {
    mayHasten = await runner.write(hasten, { lease: settled.lease, now: settled.now })
  }
  return 'settled'
}

async function sweep(
  runner: OpRunner,
  now: Instant,
): Promise<{ released: number; expired: number }> {
  const released = await runner.write(rescue, { now })
  let expired = 0
  let slice = EXPIRY_SLICE
  while (slice >= EXPIRY_SLICE) {
    slice = await runner.write(expire, { now })
    expired += slice
  }
  return { released, expired }
}

async function giveCredits(runner: OpRunner, credits: readonly (Credit | null)[]): Promise<void> {
  for (const each of credits) {
    let after: string | null = each === null ? null : ''
    while (each !== null && after !== null) after = await runner.write(credit, { ...each, after })
  }
}
