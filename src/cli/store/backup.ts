import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { backUpFile } from '../../store/sqlite/backup.ts'
import { type StoreOptions, sqliteFileOf, storeUrlOf } from './own-store.ts'

/** `obm backup FILE`: all that was committed before it began, checked. */
export async function backup(file: string, options: StoreOptions): Promise<number> {
  const from = sqliteFileOf(storeUrlOf(options), 'backup')
  const to = resolve(file)
  await backUpFile(from, to)
  const said = { file: to, bytes: existsSync(to) ? statSync(to).size : 0 }
  console.log(options.json ? JSON.stringify(said) : `${said.file}: ${said.bytes} bytes, checked`)
  return 0
}
