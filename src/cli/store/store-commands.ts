import type { Command } from 'commander'
import { onStore, type StoreOptions } from './own-store.ts'
import type { UserOptions } from './user.ts'

/** Adds the commands that work on the store itself, whether or not something runs on it. */
export function addStore(program: Command, finish: (exitCode: number) => void): void {
  addUser(program, finish)
  onStore(
    program
      .command('backup <file>')
      .description('copy an SQLite store into a new file, while it is used or not'),
  ).action(async (file: string, options: StoreOptions) =>
    finish(await (await import('./backup.ts')).backup(file, options)),
  )
  onStore(
    program
      .command('restore <file>')
      .description('make a backup the SQLite store that nothing runs on'),
  )
    .option('--replace', 'also where there is a store: it is kept beside the new one', false)
    .action(async (file: string, options: StoreOptions & { replace: boolean }) =>
      finish(await (await import('./restore.ts')).restore(file, options)),
    )
}

function addUser(program: Command, finish: (exitCode: number) => void): void {
  const user = program
    .command('user')
    .description('who may sign in: on the store itself, whether or not something runs on it')
  const of = (command: Command) =>
    onStore(command).option('--datacloud', "of DataCloud's API instead of the org", false)
  of(user.command('list').description('users, and whether they have a password')).action(
    async (options: UserOptions) => finish(await (await import('./user.ts')).userList(options)),
  )
  of(user.command('add <username>').description('an administrator; the first founds the org'))
    .option('--password-stdin', 'read the password from standard input; else one is made', false)
    .option('--role <role>', 'with --datacloud: Admin or General User', 'Admin')
    .option('--execute <ids...>', 'with --datacloud: job configs that may be executed; * is all')
    .action(async (name: string, options: UserOptions) =>
      finish(await (await import('./user.ts')).userGive('add', name, options)),
    )
  of(user.command('password <username>').description('set a new password, and sign the user out'))
    .option('--password-stdin', 'read the password from standard input; else one is made', false)
    .action(async (name: string, options: UserOptions) =>
      finish(await (await import('./user.ts')).userGive('setPassword', name, options)),
    )
  for (const act of ['activate', 'deactivate'] as const) {
    of(user.command(`${act} <username>`).description(`${act} a user`)).action(
      async (name: string, options: UserOptions) =>
        finish(await (await import('./user.ts')).userActivate(name, act === 'activate', options)),
    )
  }
}
