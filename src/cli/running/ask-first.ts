import { createInterface } from 'node:readline/promises'
import { ConfigError } from '../../config/config.ts'

/** Asks before what cannot be undone, unless `--yes` was given; where nobody can answer, that is needed. */
export async function askFirst(question: string, isAnswered: boolean): Promise<boolean> {
  if (isAnswered) return true
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new ConfigError(`${question} Give --yes to say so`)
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim())
  } finally {
    asking.close()
  }
}
