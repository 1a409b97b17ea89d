import { randomBytes } from 'node:crypto'
import type { Instant } from '../../base/clock.ts'

let lastAt = 0
let serial = 0

/** A new trace's id: 48 bits of `at`, 16 of a serial, 64 random, in hex. Ids made later sort later. */
export function newTraceId(at: Instant): string {
  serial = at === lastAt ? (serial + 1) % 65_536 : 0
  lastAt = at
  const time = at.toString(16).padStart(12, '0')
  return time + serial.toString(16).padStart(4, '0') + randomBytes(8).toString('hex')
}
