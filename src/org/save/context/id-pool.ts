import { makeRecordId, type RecordId } from '../../../schema/record-id.ts'
import type { Serials } from '../../record-ids.ts'

/**
 * Ids for the records that a decision itself makes. A decision cannot wait: what the pool lacks is noted,
 * and the decision is made again once it is filled. Each decision takes the same ids in the same order.
 */
export type IdPool = {
  /** Called before each decision. */
  restart(): void
  take(keyPrefix: string): RecordId
  /** Whether a decision was given ids that are none. */
  isShort(): boolean
  fill(): Promise<void>
}

/** Opens an empty pool for one save. */
export function openIdPool(serials: Serials): IdPool {
  const ids = new Map<string, RecordId[]>()
  const takenCounts = new Map<string, number>()
  const lackOf = (keyPrefix: string) =>
    (takenCounts.get(keyPrefix) ?? 0) - (ids.get(keyPrefix)?.length ?? 0)
  return {
    restart: () => takenCounts.clear(),
    take: (keyPrefix) => {
      const place = takenCounts.get(keyPrefix) ?? 0
      takenCounts.set(keyPrefix, place + 1)
      // Serial 0 is never given to a record: the decision that holds this id is thrown away.
      return ids.get(keyPrefix)?.[place] ?? makeRecordId(keyPrefix, 0)
    },
    isShort: () => [...takenCounts.keys()].some((keyPrefix) => lackOf(keyPrefix) > 0),
    fill: async () => {
      for (const keyPrefix of takenCounts.keys()) {
        const more = await serials.takeIds(keyPrefix, Math.max(0, lackOf(keyPrefix)))
        ids.set(keyPrefix, [...(ids.get(keyPrefix) ?? []), ...more])
      }
    },
  }
}
