import { readFileSync } from 'node:fs'

/** Resident memory of a process and of all its descendants in MB; NaN where there is no `/proc`. */
export function residentMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
    const children = childrenOf(pid).map(residentMb)
    return children.reduce((sum, each) => sum + each, kilobytes / 1024)
  } catch {
    return Number.NaN
  }
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}
