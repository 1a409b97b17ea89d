import { readFileSync } from 'node:fs'

/** Resident memory of a process and of all its descendants in MB; NaN where there is no `/proc`. */
export function residentMb(pid: number): number {
  return sumOver(pid, (each) => {
    const status = readFileSync(`/proc/${each}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024
  })
}

/** Processor time that a process and its descendants have used, in ms: user and system, all threads. */
export function cpuMs(pid: number): number {
  return sumOver(pid, (each) => {
    const stat = readFileSync(`/proc/${each}/stat`, 'latin1')
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return (user + system) * TICK_MS
  })
}

/** Of `/proc`: 100 ticks a second on every Linux that Node runs on. */
const TICK_MS = 10

function sumOver(pid: number, read: (pid: number) => number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number)
    return children.reduce((sum, child) => sum + sumOver(child, read), read(pid))
  } catch {
    return Number.NaN
  }
}
