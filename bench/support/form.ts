/** How long a bench measures: in full, or once in its smallest form, which only proves that it works. */
export type Form = {
  readonly isQuick: boolean
  /** Rounds that count; in the full form one more goes before them, to warm up. */
  readonly rounds: number
  pick<T>(full: T, quick: T): T
}

const ROUNDS = 5

/** Reads `--quick` and `--rounds=N` from the command line. */
export function readForm(args: readonly string[] = process.argv.slice(2)): Form {
  const isQuick = args.includes('--quick')
  const asked = args.find((each) => each.startsWith('--rounds='))?.slice('--rounds='.length)
  const rounds = asked === undefined ? ROUNDS : Number(asked)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds: not a count: ${asked}`)
  return {
    isQuick,
    rounds: isQuick ? 1 : rounds,
    pick: (full, quick) => (isQuick ? quick : full),
  }
}
