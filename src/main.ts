import { readFileSync } from 'node:fs'
import { errorText } from './base/log.ts'
import { openProgram } from './cli/program.ts'

/** Runs a command line; sets the exit code to 0 done, 1 failed, 2 used wrongly. */
export async function main(argv: readonly string[]): Promise<void> {
  let exitCode = 0
  const program = openProgram(version(), (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    // What was opened before it failed, a store or a port, would keep the process alive.
    process.exit(report(error))
  }
  process.exitCode = exitCode
}

/** Says what was wrong, once, and answers the exit code. */
function report(error: unknown): number {
  const { code, exitCode, errorCode } = error as {
    code?: unknown
    exitCode?: unknown
    errorCode?: unknown
  }
  // Commander has printed its own message, or the help or version that was asked for.
  if (typeof code === 'string' && code.startsWith('commander.')) return exitCode === 0 ? 0 : 2
  const isKnown = typeof errorCode === 'string'
  console.error(isKnown ? `obm: ${errorCode}: ${errorText(error)}` : error)
  return errorCode === 'CONFIG_INVALID' ? 2 : 1
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
