import { type Command, Option } from 'commander'
import { client } from './client-options.ts'
import type { ClientOptions } from './running/setup-client.ts'

const STATES = ['waiting', 'held', 'expired']

/** `obm outbox …`: what is owed to endpoints, and what a person may do about it. */
export function addOutbox(program: Command, finish: (exitCode: number) => void): void {
  const outbox = program
    .command('outbox')
    .description('what is owed to endpoints, of a running program')
  narrowed(outbox.command('list').description('what waits, oldest first, or was given up'))
    .option('--failed', 'failed outbound messages: what was given up', false)
    .option('--limit <count>', 'how many', '50')
    .action(async (options) =>
      finish(await (await import('./running/outbox.ts')).outboxList(options)),
    )
  client(outbox.command('lanes').description('each endpoint: breaker, holds, what waits')).action(
    async (options: ClientOptions) =>
      finish(await (await import('./running/outbox.ts')).outboxLanes(options)),
  )
  client(outbox.command('show <id>').description('one notification, why, and its attempts')).action(
    async (id: string, options: ClientOptions) =>
      finish(await (await import('./running/outbox.ts')).outboxShow(id, options)),
  )
  const acts = {
    retry: 'make notifications due now',
    del: 'remove notifications for good',
  } as const
  for (const act of ['retry', 'del'] as const) {
    narrowed(outbox.command(`${act} [ids...]`).description(acts[act]))
      .option('--all', 'all of them', false)
      .option('--yes', 'do not ask first', false)
      .action(async (ids: string[], options) =>
        finish(await (await import('./running/outbox.ts')).outboxAct(act, ids, options)),
      )
  }
  addHolds(outbox, finish)
}

function addHolds(outbox: Command, finish: (exitCode: number) => void): void {
  const what = 'an outbound message (Object.Name) or an endpoint (URL, host or lane)'
  client(outbox.command('hold <target>').description(`stop sending of ${what}`))
    .option('--reason <text>', 'why, for people to read')
    .action(async (target: string, options) =>
      finish(await (await import('./running/outbox.ts')).outboxHold('hold', target, options)),
    )
  client(outbox.command('resume <target>').description(`go on with ${what}`)).action(
    async (target: string, options: ClientOptions) =>
      finish(await (await import('./running/outbox.ts')).outboxHold('resume', target, options)),
  )
}

function narrowed(command: Command): Command {
  return client(command)
    .option('--message <Object.Name>', 'of an outbound message')
    .option('--record <id>', 'of a record')
    .option('--endpoint <url>', 'of an endpoint: URL, host or lane')
    .addOption(new Option('--state <state>', STATES.join(', ')).choices(STATES))
    .option('--since <when>', 'queued since: 2026-03-31, 2026-03-31T12:00:00Z, or 90m, 2h, 7d ago')
}
