import type { ChildProcess } from 'node:child_process'

/** Between asking a program to end and ending it. */
export const KILL_AFTER_MS = 2_000

/** The longest that a timer can wait; a longer one would end at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

/** How a program that must end is ended, with all of its process group. */
export type Ending = {
  /** First it is asked, some seconds later killed. Only the first reason counts. */
  end(reason: string): void
  endAfter(ms: number, reason: string): void
  /** Kills it at once. */
  kill(): void
  /** Why it was ended; null if it was not. */
  reason(): string | null
  /** It has ended: no timer is left, and nobody of its group either if it was ended. */
  release(): void
}

/** For a child that was started in a process group of its own. */
export function openEnding(child: Pick<ChildProcess, 'pid' | 'kill'>): Ending {
  let why: string | null = null
  let limitTimer: NodeJS.Timeout | undefined
  let killTimer: NodeJS.Timeout | undefined
  const kill = () => killGroup(child, 'SIGKILL')
  const end = (reason: string) => {
    if (why !== null) return
    why = reason
    killGroup(child, 'SIGTERM')
    killTimer = setTimeout(kill, KILL_AFTER_MS)
  }
  return {
    end,
    endAfter: (ms, reason) => {
      limitTimer = setTimeout(() => end(reason), Math.min(ms, TIMER_MAX_MS))
    },
    kill,
    reason: () => why,
    release: () => {
      clearTimeout(limitTimer)
      clearTimeout(killTimer)
      // Some of the group may have closed their output and live on.
      if (why !== null) kill()
    },
  }
}

function killGroup(child: Pick<ChildProcess, 'pid' | 'kill'>, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  if (process.platform === 'win32') {
    child.kill(signal)
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch {
    // ESRCH (EPERM on macOS): nobody of the group is left, which is what was wanted.
  }
}
