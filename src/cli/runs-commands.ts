import type { Command } from 'commander'
import { client } from './client-options.ts'
import type { ClientOptions } from './running/setup-client.ts'

/** `obm runs …`: job runs of a running program, and what a person may do about them. */
export function addRuns(program: Command, finish: (exitCode: number) => void): void {
  const runs = program.command('runs').description('job runs of a running program')
  narrowed(runs.command('list').description('job runs, newest first'))
    .option('--limit <count>', 'how many', '50')
    .action(async (options) => finish(await (await import('./running/runs.ts')).runsList(options)))
  client(runs.command('show <id>').description('one run with its message and log')).action(
    async (id: string, options: ClientOptions) =>
      finish(await (await import('./running/runs.ts')).runsShow(id, options)),
  )
  acting(runs.command('replay [ids...]').description('run the messages of old runs once more'))
    .addHelpText(
      'after',
      '\nIds are replayed whatever became of them. What is narrowed down is replayed once, the oldest\nfirst, and only what is over: dead runs, unless --status says otherwise.',
    )
    .action(async (ids: string[], options) =>
      finish(await (await import('./running/runs.ts')).runsReplay(ids, options)),
    )
  acting(runs.command('stop [ids...]').description('end runs, waiting or running')).action(
    async (ids: string[], options) =>
      finish(await (await import('./running/runs.ts')).runsStop(ids, options)),
  )
}

function acting(command: Command): Command {
  return narrowed(command)
    .option('--all', 'all of them', false)
    .option('--yes', 'do not ask first', false)
}

function narrowed(command: Command): Command {
  const when = '2026-03-31, 2026-03-31T12:00:00Z, or 90m, 2h, 7d ago'
  return client(command)
    .option('--config <id>', 'of a job config')
    .option('--status <statuses>', 'as QUEUED,SEQUENCED; dead: FAILED and ERROR')
    .option('--dead', 'those that were given up', false)
    .option('--record <id>', 'of a record')
    .option('--since <when>', `queued since: ${when}`)
    .option('--until <when>', `queued before: ${when}`)
}
