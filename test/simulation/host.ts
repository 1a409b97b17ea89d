import { AsyncLocalStorage } from 'node:async_hooks'
import type { Random } from './random.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What may go wrong in a process when it asks something of the world. */
export type Mishaps = {
  /** Chances in an ask. A killed process never hears of anything again. */
  readonly killed: number
  /** The store fails: nothing is written. */
  readonly failed: number
  /** The store writes, and the answer is lost on its way. */
  readonly lost: number
  /** The process stands still for up to some minutes, its timers too. */
  readonly stalled: number
}

export const NO_MISHAPS: Mishaps = { killed: 0, failed: 0, lost: 0, stalled: 0 }

/** One process of the simulated world. */
export type Host = {
  readonly name: string
  readonly random: Random
  isAlive: boolean
  stalledUntil: number
  mishaps: Mishaps
  /** Called when it is killed. */
  onKilled: () => void
  /** Called with what a mishap may cost others in time. */
  onMishap: (ms: number) => void
}

/** When in an ask a process is killed. */
export type KillPoint = 'before' | 'midway' | 'after'

/** A host to which nothing happens yet. */
export function openHost(name: string, random: Random, mishaps: Mishaps): Host {
  return {
    name,
    random,
    isAlive: true,
    stalledUntil: 0,
    mishaps,
    onKilled: () => {},
    onMishap: () => {},
  }
}

/** Ends the process: what it waits for never comes. */
export function kill(host: Host): void {
  if (!host.isAlive) return
  host.isAlive = false
  host.onMishap(RESTART_MAX_MS)
  host.onKilled()
}

const atWork = new AsyncLocalStorage<Host>()

/** Runs what the process runs: all that follows from it, timers too, is its own. */
export function runIn<T>(host: Host, what: () => T): T {
  return atWork.run(host, what)
}

/** The process that is running; undefined outside all of them. */
export function hostAtWork(): Host | undefined {
  return atWork.getStore()
}

/** Whether, and when in its next ask, the process is killed. */
export function killPoint(host: Host): KillPoint | null {
  if (!host.random.chance(host.mishaps.killed)) return null
  return host.random.pick(['before', 'midway', 'after'] as const)
}

/** A process that ended is there again after so long. */
export const RESTART_MAX_MS = 30_000

const NEVER = new Promise<never>(() => {})
const LATENCY_MAX_MS = 8
const STALL_MAX_MS = 240_000

/** Waits as an ask of the process waits: some milliseconds, a standstill now and then, for ever once it is dead. */
export async function passThrough(time: VirtualTime, host: Host): Promise<void> {
  if (!host.isAlive) return NEVER
  if (host.random.chance(host.mishaps.stalled)) {
    const stalledMs = host.random.int(1000, STALL_MAX_MS)
    host.stalledUntil = time.now() + stalledMs
    host.onMishap(stalledMs)
  }
  if (host.random.chance(0.7)) await time.sleep(host.random.int(0, LATENCY_MAX_MS))
  while (host.stalledUntil > time.now()) await time.sleep(host.stalledUntil - time.now())
  if (!host.isAlive) return NEVER
}

/** Never comes back: what a killed process waits for. */
export function never(): Promise<never> {
  return NEVER
}
