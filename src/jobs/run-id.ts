import { randomBytes } from 'node:crypto'
import type { Instant } from '../base/clock.ts'

const RANDOM_BYTES = 10
const POOL_BYTES = RANDOM_BYTES * 256

let pool = Buffer.alloc(0)
let used = 0
let lastAt = 0
let serial = 0

/**
 * A new run's id: 48 bits of `now`, 16 of a serial, 80 random, in hex. Ids made later sort later, so the
 * newest runs are the last of their index; nobody can guess one.
 */
export function newRunId(now: Instant): string {
  serial = now === lastAt ? (serial + 1) % 65_536 : 0
  lastAt = now
  const time = now.toString(16).padStart(12, '0')
  return time + serial.toString(16).padStart(4, '0') + random()
}

function random(): string {
  if (used + RANDOM_BYTES > pool.length) {
    pool = randomBytes(POOL_BYTES)
    used = 0
  }
  used += RANDOM_BYTES
  return pool.toString('hex', used - RANDOM_BYTES, used)
}
