/** What stands for all that have no label of their own. */
export const OTHERS = 'other'

/**
 * Gives a label to the first `max` that ask for one, and the label of all others to the rest: what comes from outside
 * must not make series without end.
 */
export function openLabelBook(max: number): (name: string) => string {
  const known = new Set<string>()
  return (name) => {
    if (known.has(name)) return name
    if (known.size >= max) return OTHERS
    known.add(name)
    return name
  }
}
