import { readdirSync, readFileSync } from 'node:fs'

/** Between two looks at what the programs hold; a program that ends sooner is never looked at. */
export const LOOK_MS = 250

const KB = 1024

type Watched = { readonly bytesMax: number; readonly onOver: () => void }

/** Looks at what process groups hold in memory, all of them in one look. Without `/proc` nothing is seen. */
export type MemoryWatch = {
  /** Calls `onOver` once when the group holds more; answers how to end the watch. */
  watch(groupId: number, bytesMax: number, onOver: () => void): () => void
}

/** Opens it; it looks only while something is watched, and keeps nobody from ending. */
export function openMemoryWatch(lookMs = LOOK_MS): MemoryWatch {
  const groups = new Map<number, Watched>()
  let timer: NodeJS.Timeout | undefined

  const look = () => {
    const held = heldByGroups(groups)
    for (const [groupId, { bytesMax, onOver }] of groups) {
      if ((held.get(groupId) ?? 0) <= bytesMax) continue
      groups.delete(groupId)
      onOver()
    }
  }
  const unwatch = (groupId: number) => {
    groups.delete(groupId)
    if (groups.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  return {
    watch: (groupId, bytesMax, onOver) => {
      groups.set(groupId, { bytesMax, onOver })
      timer ??= setInterval(look, lookMs).unref()
      return () => unwatch(groupId)
    },
  }
}

/** Bytes by group, of the groups that are asked for. */
function heldByGroups(asked: ReadonlyMap<number, unknown>): ReadonlyMap<number, number> {
  const held = new Map<number, number>()
  for (const pid of processIds()) {
    const groupId = groupOf(pid)
    if (groupId === null || !asked.has(groupId)) continue
    held.set(groupId, (held.get(groupId) ?? 0) + heldBy(pid))
  }
  return held
}

function processIds(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

/** Null: it has ended meanwhile. */
function groupOf(pid: string): number | null {
  const stat = readProc(pid, 'stat')
  // `pid (name) state parent group …`; the name may hold blanks and parentheses.
  const group = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]
  return group === undefined ? null : Number(group)
}

/** What would be gone with the process: its own pages, in memory or swapped out, without the files it maps. */
function heldBy(pid: string): number {
  const own = readProc(pid, 'status').matchAll(/^(?:RssAnon|RssShmem|VmSwap):\s+(\d+)/gm)
  return [...own].reduce((sum, [, kb]) => sum + Number(kb) * KB, 0)
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}
