import type { Command } from 'commander'

/** Gives a command the options by which it finds the running program. */
export function client(command: Command): Command {
  return command
    .option('--url <url>', 'of the running program')
    .option('--token <token>', 'access token')
    .option('--project <dir>', 'project folder that obm dev runs on', defaultProject())
    .option('--data-dir <dir>', 'data folder of obm dev', '.obm')
    .option('--json', 'print JSON', false)
}

/** The project that is run when none is named: the example that comes with the program. */
export function defaultProject(): string {
  return decodeURIComponent(
    new URL('../../examples/accounts-to-datacloud', import.meta.url).pathname,
  )
}
