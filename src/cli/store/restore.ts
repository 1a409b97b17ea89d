import { resolve } from 'node:path'
import { readEnvironment } from '../../config/config.ts'
import { restoreFile } from '../../store/sqlite/backup.ts'
import { type StoreOptions, sqliteFileOf, storeUrlOf } from './own-store.ts'

/** `obm restore FILE`: the backup becomes the store; one that was there is kept under another name. */
export async function restore(
  file: string,
  options: StoreOptions & { readonly replace: boolean },
): Promise<number> {
  const given = options.store ?? readEnvironment(process.env).store
  const to = sqliteFileOf(given ?? storeUrlOf(options), 'restore')
  const { kept } = await restoreFile(resolve(file), to, { replace: options.replace })
  if (options.json) console.log(JSON.stringify({ file: to, kept }))
  else
    console.log(kept === null ? `${to}: restored` : `${to}: restored; the store before is ${kept}`)
  return 0
}
