import { existsSync, writeSync } from 'node:fs'

/** The variable names a file: while it is there, whoever comes by a step stops at it for good. Only crash tests set it. */
const ARMED_BY = process.env['OBM_CRASH_ARMED'] ?? ''

/** Tells the test, once, that this process stands at a step; answers whether it is to stand there. */
export function reaches(step: string): boolean {
  if (!existsSync(ARMED_BY)) return false
  writeSync(1, `reached ${step}\n`)
  return true
}

/** Stands at the step until the process is killed; goes on when nothing is armed. */
export function hold(step: string): Promise<void> {
  return reaches(step) ? new Promise(() => {}) : Promise.resolve()
}
