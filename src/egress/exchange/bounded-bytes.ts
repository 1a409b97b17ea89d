/** Bytes that come in pieces, up to a limit. */
export type BoundedBytes = {
  /** False, and nothing is kept, where it would be more than the limit. */
  add(piece: Uint8Array): boolean
  bytes(): Buffer
}

const FIRST_CAPACITY = 1024

/**
 * Collects pieces in one buffer that grows: a million pieces of one byte cost no more memory than one piece of a
 * million.
 */
export function openBoundedBytes(maxBytes: number): BoundedBytes {
  let kept = Buffer.alloc(0)
  let length = 0
  return {
    add: (piece) => {
      const needed = length + piece.length
      if (needed > maxBytes) return false
      if (needed > kept.length) {
        const grown = Math.max(needed, Math.min(maxBytes, 2 * kept.length), FIRST_CAPACITY)
        const larger = Buffer.alloc(grown)
        kept.copy(larger, 0, 0, length)
        kept = larger
      }
      kept.set(piece, length)
      length = needed
      return true
    },
    bytes: () => kept.subarray(0, length),
  }
}
