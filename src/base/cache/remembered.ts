/**
 * A pure function of a text that keeps its last answers: so many, then it starts anew. Longer texts than `lengthMax`
 * are worked out each time; what throws is not kept.
 */
export function remembered<T>(
  make: (text: string) => T,
  { countMax, lengthMax }: { readonly countMax: number; readonly lengthMax: number },
): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    if (text.length > lengthMax) return make(text)
    const kept = known.get(text)
    if (kept !== undefined) return kept
    const made = make(text)
    if (known.size >= countMax) known.clear()
    known.set(text, made)
    return made
  }
}
