import type { DecidedSave } from './trace-save.ts'

/** Saves that wait to be traced. They hold what was read for them, so only so many may wait. */
export type WaitingSaves = {
  /** False: there are too many, and it is left out. */
  add(save: DecidedSave): boolean
  /** The oldest, up to the share of a turn. */
  take(): readonly DecidedSave[]
}

/** Edits that may wait: a save of 200 counts as 200. */
const WAITING_MAX = 400
/** A turn takes no more edits than this, unless one save has more. */
const TURN_MAX = 50

/** Opens an empty queue. */
export function openWaitingSaves(): WaitingSaves {
  let waiting: DecidedSave[] = []
  let waitingCount = 0
  return {
    add: (save) => {
      const count = save.results.length
      if (waitingCount > 0 && waitingCount + count > WAITING_MAX) return false
      waiting.push(save)
      waitingCount += count
      return true
    },
    take: () => {
      let count = 0
      const isTaken = (save: DecidedSave) => {
        if (count > 0 && count + save.results.length > TURN_MAX) return false
        count += save.results.length
        return true
      }
      const left = waiting.findIndex((save) => !isTaken(save))
      const taken = left < 0 ? waiting : waiting.slice(0, left)
      waiting = left < 0 ? [] : waiting.slice(left)
      waitingCount -= count
      return taken
    },
  }
}
