/** A slot carries about so long, in milliseconds: what waits in it is soon on its way, or soon somebody else's. */
const LOAD_MS = 200
const LOAD_MAX = 64
/** How much the last batch counts against those before it. */
const LAST_SHARE = 0.2
/** So many lanes are remembered; then it starts anew. */
const LANES_MAX = 1000

/** How many batches a slot of each lane may carry, by how long its batches took. */
export type LoadSizes = {
  /** What a batch took, in milliseconds; null where it was not answered. */
  learn(laneId: string, tookMs: number | null): void
  /** By the lane's id; one batch where a lane is not named. */
  all(): Readonly<Record<string, number>>
}

/** Opens it without knowing any lane. */
export function openLoadSizes(): LoadSizes {
  const averages = new Map<string, number>()
  return {
    learn: (laneId, tookMs) => {
      if (tookMs === null) {
        averages.delete(laneId)
        return
      }
      if (averages.size >= LANES_MAX) averages.clear()
      const before = averages.get(laneId) ?? tookMs
      averages.set(laneId, before + (tookMs - before) * LAST_SHARE)
    },
    all: () => {
      const sizes: Record<string, number> = {}
      for (const [laneId, averageMs] of averages) {
        const size = Math.min(LOAD_MAX, Math.floor(LOAD_MS / Math.max(1, averageMs)))
        if (size > 1) sizes[laneId] = size
      }
      return sizes
    },
  }
}
