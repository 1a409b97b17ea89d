type Waiting<A, T> = {
  readonly ask: A
  readonly resolve: (answer: T) => void
  readonly reject: (error: unknown) => void
}

type GroupPorts<A, T> = {
  /** Runs asks as one, and answers each. */
  readonly runAll: (asks: readonly A[]) => Promise<readonly T[]>
  readonly sizeOf: (ask: A) => number
  /** The most in one run, by `sizeOf`, so that a burst does not make a huge one. */
  readonly sizeMax: number
}

/**
 * Lets asks that come while a commit or a read is under way go together as the next one. Where a group fails, each of
 * its asks is tried alone and in their order, so that a bad one fails alone.
 */
export function openGroup<A, T>({
  runAll,
  sizeOf,
  sizeMax,
}: GroupPorts<A, T>): (ask: A) => Promise<T> {
  const waiting: Waiting<A, T>[] = []
  let isRunning = false

  const runGroup = async (group: readonly Waiting<A, T>[]): Promise<void> => {
    try {
      const answers = await runAll(group.map(({ ask }) => ask))
      if (answers.length !== group.length) {
        throw new Error(`expected an answer for each of ${group.length}, got ${answers.length}`)
      }
      for (const [index, { resolve }] of group.entries()) resolve(answers[index] as T)
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error)
      else for (const each of group) await runGroup([each])
    }
  }
  /** Takes the first that waits and what fits beside it. */
  const nextGroup = () => {
    let size = 0
    const end = waiting.findIndex(({ ask }, index) => {
      size += sizeOf(ask)
      return index > 0 && size > sizeMax
    })
    return waiting.splice(0, end === -1 ? waiting.length : end)
  }
  const runWaiting = async () => {
    isRunning = true
    while (waiting.length > 0) await runGroup(nextGroup())
    isRunning = false
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject })
      if (!isRunning) void runWaiting()
    })
}
