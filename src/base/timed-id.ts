import { randomFillSync } from 'node:crypto'
import type { Instant } from './clock.ts'

const TIME_DIGITS = 9
const SERIAL_DIGITS = 4
const RANDOM_BYTES = 5
let serial = 0
/** Drawn ahead: to ask the system for each id costs more than all the rest of making it. */
const drawn = Buffer.alloc(RANDOM_BYTES * 256)
let drawnAt = drawn.length

/**
 * Makes an id that sorts by time, within one process by the order of making: the indexes of a log then grow at
 * their ends. Digits and small letters alone, which every collation sorts alike.
 */
export function makeTimedId(at: Instant): string {
  serial = (serial + 1) % 36 ** SERIAL_DIGITS
  const order = serial.toString(36).padStart(SERIAL_DIGITS, '0')
  return `${timedIdsFrom(at)}${order}${drawRandom()}`
}

function drawRandom(): string {
  if (drawnAt >= drawn.length) {
    randomFillSync(drawn)
    drawnAt = 0
  }
  drawnAt += RANDOM_BYTES
  return drawn.toString('hex', drawnAt - RANDOM_BYTES, drawnAt)
}

/** Sorts after the ids of all earlier instants, and before those of `at` and later. */
export function timedIdsFrom(at: Instant): string {
  return Math.max(0, Math.floor(at)).toString(36).padStart(TIME_DIGITS, '0')
}
