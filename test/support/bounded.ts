import assert from 'node:assert/strict'

/** Far above what linear work on a megabyte takes on a slow day, far below what quadratic work takes on a good one. */
const PROCESSOR_MS_MAX = 15_000

/**
 * Does the work and fails if it took much processor time: a test's own time-out cannot end work that never waits.
 */
export function bounded<T>(what: string, work: () => T): T {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  const spentMs = (user + system) / 1000
  assert.ok(spentMs < PROCESSOR_MS_MAX, `${what} took ${Math.round(spentMs)} ms of a processor`)
  return result
}
