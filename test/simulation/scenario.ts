import { HOUR_MS, MINUTE_MS } from '../../src/base/clock.ts'
import type { Mishaps } from './host.ts'
import { openRandom } from './random.ts'

/** What may trouble a simulated world. Each can be left out, to find what a failure needs. */
export const TROUBLES = [
  'kills',
  'stalls',
  'failures',
  'stops',
  'outages',
  'refusals',
  'poison',
  'changes',
  'conflicts',
  'holds',
  'routes',
  'people',
  'hurry', // people who do two things at once
  'days',
] as const

export type Trouble = (typeof TROUBLES)[number]

/** All that a run is made of: a seed, and what is left out of what the seed would bring. */
export type Scenario = { readonly seed: number; readonly without: ReadonlySet<Trouble> }

/** What the seed makes of it. */
export type Plan = {
  readonly seed: number
  readonly has: (trouble: Trouble) => boolean
  readonly senderCount: number
  readonly turnsAtOnce: number
  /** The senders run in their own loops, else turn by turn: their idle loops look each minute, which takes time. */
  readonly hasLoops: boolean
  readonly endpointCount: number
  readonly messageCount: number
  readonly saveCount: number
  /** How long things happen before the world calms down. */
  readonly busyMs: number
  readonly mishaps: Mishaps
}

/** Draws the plan of a scenario. */
export function planOf({ seed, without }: Scenario): Plan {
  const random = openRandom(seed, 'plan')
  const drawn = new Set(TROUBLES.filter((each) => random.chance(each === 'days' ? 0.15 : 0.6)))
  const has = (trouble: Trouble) => drawn.has(trouble) && !without.has(trouble)
  return {
    seed,
    has,
    senderCount: random.int(2, 3),
    turnsAtOnce: random.int(2, 5),
    hasLoops: random.chance(0.4) && !has('days'),
    endpointCount: random.int(1, 3),
    messageCount: random.int(2, 4),
    saveCount: random.int(3, 16),
    busyMs: has('days') ? random.int(25, 40) * HOUR_MS : random.int(3, 40) * MINUTE_MS,
    mishaps: {
      killed: has('kills') ? random.pick([0.002, 0.01, 0.03]) : 0,
      failed: has('failures') ? random.pick([0.005, 0.03]) : 0,
      lost: has('failures') ? random.pick([0.005, 0.03]) : 0,
      stalled: has('stalls') ? random.pick([0.001, 0.01]) : 0,
    },
  }
}
