import type { RecordId } from '../../schema/record-id.ts'

/** Locks of this process, one a record: they only make rivals wait their turn, the store decides. */
export type RecordLocks = {
  /** Runs `work` while holding the locks of `ids`, taken in id order so that nobody waits in a circle. */
  holding<T>(ids: Iterable<RecordId>, work: () => Promise<T>): Promise<T>
}

/** Opens a set of locks, none of them held. */
export function openRecordLocks(): RecordLocks {
  const tails = new Map<RecordId, Promise<void>>()

  const take = async (id: RecordId): Promise<() => void> => {
    const before = tails.get(id)
    let release = () => {}
    const tail = new Promise<void>((resolve) => {
      release = () => {
        if (tails.get(id) === tail) tails.delete(id)
        resolve()
      }
    })
    tails.set(id, tail)
    await before
    return release
  }

  return {
    async holding(ids, work) {
      const releases: (() => void)[] = []
      try {
        for (const id of [...new Set(ids)].sort()) releases.push(await take(id))
        return await work()
      } finally {
        for (const release of releases) release()
      }
    },
  }
}
