import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, readEnvironment, readSecretKey } from '../../config/config.ts'
import { openStores, type Stores } from '../../store/open-store.ts'
import { defaultProject } from '../client-options.ts'

/** How a command that works on the store itself finds it. */
export type StoreOptions = {
  readonly store?: string
  readonly project: string
  readonly dataDir: string
  readonly json: boolean
}

/** Gives a command the options by which it finds the store. */
export function onStore(command: Command): Command {
  return command
    .option('--store <url>', 'sqlite:PATH or postgres://…; OBM_STORE otherwise')
    .option(
      '--project <dir>',
      'project folder of obm dev, where neither is given',
      defaultProject(),
    )
    .option('--data-dir <dir>', 'data folder of obm dev', '.obm')
    .option('--json', 'print JSON', false)
}

/** The store's URL: as given, as `OBM_STORE` says, or that of `obm dev` on the project. */
export function storeUrlOf(options: StoreOptions): string {
  const given = options.store ?? readEnvironment(process.env).store
  if (given !== null) return given
  const file = join(devFolder(options), 'obm.db')
  if (existsSync(file)) return `sqlite:${file}`
  throw new ConfigError(
    `OBM_STORE or --store: expected a store, and obm dev has left none in ${file}`,
  )
}

/** Opens the store, whether or not something runs on it. */
export async function openOwnStore(options: StoreOptions): Promise<Stores> {
  const url = storeUrlOf(options)
  const keyFile =
    readEnvironment(process.env).secretKeyFile ?? join(devFolder(options), 'secret.key')
  return openStores(url, { secretKey: readSecretKey(keyFile) })
}

/** The file of an embedded store; a PostgreSQL database has tools of its own for what is asked. */
export function sqliteFileOf(url: string, act: 'backup' | 'restore'): string {
  if (url.startsWith('sqlite:')) return resolve(url.slice('sqlite:'.length))
  const tool = act === 'backup' ? 'pg_dump' : 'pg_restore'
  throw new ConfigError(
    `obm ${act} is for SQLite: use ${tool} for PostgreSQL (deploy/${act}-postgres.sh, docs/operations.md)`,
  )
}

function devFolder({ project, dataDir }: StoreOptions): string {
  return resolve(project, dataDir)
}
