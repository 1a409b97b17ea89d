import { Command, InvalidArgumentError } from 'commander'
import { client, defaultProject } from './client-options.ts'
import { addOutbox } from './outbox-commands.ts'
import type { ClientOptions } from './running/setup-client.ts'
import { addRuns } from './runs-commands.ts'
import { addStore } from './store/store-commands.ts'

/** The command line. Each command's code is loaded when it is called: `obm --help` loads none. */
export function openProgram(version: string, finish: (exitCode: number) => void): Command {
  const program = new Command('obm')
  program.description(
    'Outbound messaging as Salesforce defines it and as Actian DataCloud receives it',
  )
  program.version(version).showHelpAfterError('(obm COMMAND --help says more)')
  program.exitOverride()
  addRunning(program)
  addChecking(program, finish)
  addOutbox(program, finish)
  addAttempts(program, finish)
  addHealth(program, finish)
  addRuns(program, finish)
  addMail(program, finish)
  addTime(program, finish)
  addStory(program, finish)
  addStore(program, finish)
  return program
}

function addRunning(program: Command): void {
  program
    .command('dev [project-dir]')
    .description('run everything on a project for development, and watch its files')
    .option('--port <port>', 'port to listen on', portNumber)
    .option('--host <host>', 'address to listen on')
    .option('--data-dir <dir>', "folder for the store and the first start's passwords", '.obm')
    .option('--store <url>', 'sqlite:PATH or postgres://…')
    .option('--endpoint <[Object.Name=]URL>', 'send all, or the named, messages there', collect, [])
    .option('--no-watch', 'do not reload when files change')
    .option('--reset', 'throw away what the store holds', false)
    .option('--json', 'print JSON lines', false)
    .action(async (folder: string | undefined, options) => {
      const { dev } = await import('./dev/dev.ts')
      await dev(folder ?? defaultProject(), options)
    })
  program
    .command('serve [project-dir]')
    .description('run in production; configured by OBM_… variables and obm.config.json')
    .option('--roles <roles>', 'some of org,sender,receiver,jobs,console')
    .option('--port <port>', 'port to listen on', portNumber)
    .option('--host <host>', 'address to listen on')
    .option('--store <url>', 'sqlite:PATH or postgres://…')
    .action(async (folder: string | undefined, options) => {
      const { serve } = await import('./serve.ts')
      await serve(folder, options)
    })
}

function addChecking(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('check [project-dir]')
    .description('read a project without running it, and list every problem')
    .option('--json', 'print one JSON object', false)
    .action(async (folder: string | undefined, options) => {
      const { check } = await import('./checking/check.ts')
      finish(await check(folder ?? '.', options))
    })
  program
    .command('formula [expression]')
    .description('evaluate a formula, or with --batch NDJSON cases from standard input')
    .option('--record <file>', "JSON object with the record's field values")
    .option('--batch', 'read cases from standard input, write results', false)
    .option('--json', 'print one JSON object', false)
    .action(async (expression: string | undefined, options) => {
      const { formula } = await import('./formula.ts')
      finish(await formula(expression, options))
    })
  program
    .command('wsdl <Object.Message>')
    .description('print the WSDL of an outbound message')
    .option('--project <dir>', 'project folder', '.')
    .action(async (key: string, options) => {
      const { wsdl } = await import('./wsdl.ts')
      finish(await wsdl(key, options))
    })
}

function addHealth(program: Command, finish: (exitCode: number) => void): void {
  client(
    program
      .command('health')
      .description('how things go in a running program; exit code 1: a part is red'),
  ).action(async (options: ClientOptions) =>
    finish(await (await import('./watching/health.ts')).health(options)),
  )
}

function addAttempts(program: Command, finish: (exitCode: number) => void): void {
  const attempts = program
    .command('attempts')
    .description('the log of attempts at sending, of a running program')
  client(attempts.command('list').description('attempts, newest first'))
    .option('--record <id>', 'with a notification of a record')
    .option('--message <Object.Name>', 'of an outbound message: its name or id')
    .option('--endpoint <host>', 'to a host:port, a URL, or a lane')
    .option('--outcome <outcome>', 'acknowledged, refused, unanswered or unsent')
    .option('--status <status>', 'with this HTTP status')
    .option('--from <date>', 'started then or later, as 2026-03-31 or 2026-03-31T12:00:00Z')
    .option('--to <date>', 'started before')
    .option('--after <id>', 'the page after this attempt')
    .option('--limit <count>', 'how many', '50')
    .action(async (options) =>
      finish(await (await import('./watching/attempts.ts')).attemptsList(options)),
    )
  client(
    attempts.command('show <id>').description('one attempt: what was sent and what came back'),
  ).action(async (id: string, options: ClientOptions) =>
    finish(await (await import('./watching/attempts.ts')).attemptsShow(id, options)),
  )
}

function addMail(program: Command, finish: (exitCode: number) => void): void {
  const mail = program.command('mail').description('e-mails of a running program')
  const narrowed = (command: Command) =>
    client(command)
      .option('--state <states>', 'as failed,noRecipients')
      .option('--record <id>', 'of a record')
      .option('--alert <Object.Name>', 'of an e-mail alert')
  narrowed(mail.command('list').description('e-mails, newest first'))
    .option('--limit <count>', 'how many', '50')
    .action(async (options) => finish(await (await import('./running/mail.ts')).mailList(options)))
  client(mail.command('show <id>').description('one e-mail with its texts')).action(
    async (id: string, options: ClientOptions) =>
      finish(await (await import('./running/mail.ts')).mailShow(id, options)),
  )
  for (const act of ['retry', 'del'] as const) {
    narrowed(mail.command(`${act} [ids...]`).description(`${act} e-mails`))
      .option('--all', 'all of them', false)
      .action(async (ids: string[], options) =>
        finish(await (await import('./running/mail.ts')).mailAct(act, ids, options)),
      )
  }
}

function addTime(program: Command, finish: (exitCode: number) => void): void {
  const time = program
    .command('time')
    .description('what time triggers have queued, of a running program')
  const narrowed = (command: Command) =>
    client(command)
      .option('--rule <name>', "a part of the workflow rule's or flow's name")
      .option('--object <name>', 'of an object')
      .option('--record <id>', 'of a record')
      .option('--created-by <user>', 'of a user: username or id')
      .option('--due-before <date>', 'as 2026-03-31 or 2026-03-31T12:00:00Z')
  narrowed(time.command('list').description('what is due later, the next first'))
    .option('--record-name <text>', "a part of the record's name")
    .option('--state <state>', 'pending, executed, removed, failed or any', 'pending')
    .option('--limit <count>', 'how many', '50')
    .action(async (options) => finish(await (await import('./running/time.ts')).timeList(options)))
  client(time.command('show <id>').description('one entry, also one that has ended')).action(
    async (id: string, options: ClientOptions) =>
      finish(await (await import('./running/time.ts')).timeShow(id, options)),
  )
  const acts = { del: 'remove entries for good', run: 'make entries due now' } as const
  for (const act of ['del', 'run'] as const) {
    narrowed(time.command(`${act} [ids...]`).description(acts[act]))
      .option('--all', 'all of them', false)
      .action(async (ids: string[], options) =>
        finish(await (await import('./running/time.ts')).timeAct(act, ids, options)),
      )
  }
}

function addStory(program: Command, finish: (exitCode: number) => void): void {
  const story = program.command('story <record>')
  client(
    story.description("one record's way: saves, rules, attempts, job runs, and why not yet"),
  ).action(async (record: string, options: ClientOptions) =>
    finish(await (await import('./running/story.ts')).story(record, options)),
  )
  const trace = program.command('trace <record> [rule]')
  client(
    trace.description('why did it not fire: what each rule saw, at the last saves of a record'),
  )
    .option('--log', 'print lines of a debug log', false)
    .option('--saves <count>', 'how many of the last saves', '1')
    .option('--dry', 'decide a save that is not written: of one rule, or of all', false)
    .option('--set <Field=Value>', 'what the save would change, with --dry', collect, [])
    .option('--as-new', 'as if the record were being created, with --dry and a rule', false)
    .action(async (record: string, rule: string | undefined, options) =>
      finish(await (await import('./running/trace.ts')).trace(record, rule, options)),
    )
}

function portNumber(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new InvalidArgumentError('expected a port from 0 to 65535')
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
