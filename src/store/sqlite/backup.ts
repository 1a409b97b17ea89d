import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { errorText } from '../../base/log.ts'
import { MIGRATIONS } from '../sql/migrations.ts'
import { StoreError } from '../store-error.ts'

const BUSY_MS = 10_000

/**
 * Copies a store into a new file while others use it: one snapshot, with all that was committed before it began. It is
 * checked and on disk when this returns; until then it has another name.
 */
export async function backUpFile(from: string, to: string): Promise<void> {
  if (!existsSync(from)) throw new StoreError('STORE_UNAVAILABLE', `there is no store ${from}`)
  if (existsSync(to)) throw new StoreError('BACKUP_FAILED', `${to} is there already`)
  const unfinished = `${to}.unfinished`
  rmSync(unfinished, { force: true })
  try {
    const db = new DatabaseSync(from, { timeout: BUSY_MS })
    try {
      db.prepare('VACUUM INTO ?').run(unfinished)
    } finally {
      db.close()
    }
    checkFile(unfinished)
    sync(unfinished)
    renameSync(unfinished, to)
    sync(dirname(to))
  } catch (error) {
    rmSync(unfinished, { force: true })
    if (error instanceof StoreError) throw error
    throw new StoreError('BACKUP_FAILED', `no backup was made of ${from}: ${errorText(error)}`)
  }
}

/** Makes a checked backup the store at `to`, which nothing may have open; answers where the one before it went. */
export async function restoreFile(
  from: string,
  to: string,
  { replace }: { readonly replace: boolean },
): Promise<{ readonly kept: string | null }> {
  if (!existsSync(from)) throw new StoreError('BACKUP_FAILED', `there is no backup ${from}`)
  checkFile(from)
  const isThere = existsSync(to)
  if (isThere && !replace) {
    throw new StoreError('BACKUP_FAILED', `${to} is there already: --replace puts it aside`)
  }
  if (isThere) closeWal(to)
  const unfinished = `${to}.unfinished`
  try {
    copyFileSync(from, unfinished)
    sync(unfinished)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw new StoreError('BACKUP_FAILED', `${from} cannot be copied: ${errorText(error)}`)
  }
  const kept = isThere ? freeName(`${to}.before-restore`) : null
  if (kept !== null) renameSync(to, kept)
  // A log that outlived its file would be taken for the new one's.
  for (const end of ['-wal', '-shm']) rmSync(`${to}${end}`, { force: true })
  renameSync(unfinished, to)
  sync(dirname(to))
  return { kept }
}

/** Throws unless the file is a whole store that this program knows. */
function checkFile(file: string): void {
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(file, { readOnly: true })
    const [row] = db.prepare('PRAGMA integrity_check(1)').all()
    const verdict = String(row?.['integrity_check'])
    if (verdict !== 'ok') throw new StoreError('BACKUP_FAILED', `${file} is damaged: ${verdict}`)
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version === 0) throw new StoreError('BACKUP_FAILED', `${file} is no store of OBM`)
    if (version > MIGRATIONS.length) {
      throw new StoreError(
        'STORE_TOO_NEW',
        `${file} has schema ${version}, this program knows ${MIGRATIONS.length}: use a newer program`,
      )
    }
  } catch (error) {
    if (error instanceof StoreError) throw error
    throw new StoreError('BACKUP_FAILED', `${file} cannot be read: ${errorText(error)}`)
  } finally {
    db?.close()
  }
}

/** Ends the write-ahead log, so that the file is whole without it. SQLite refuses as long as anybody has it open. */
function closeWal(file: string): void {
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    const mode = db.prepare('PRAGMA journal_mode = DELETE').get()?.['journal_mode']
    if (mode !== 'delete') throw new Error(`its journal is ${mode}`)
  } catch (error) {
    throw new StoreError(
      'STORE_IN_USE',
      `something runs on ${file}: stop it first (${errorText(error)})`,
    )
  } finally {
    db.close()
  }
}

function freeName(name: string): string {
  for (let count = 1; ; count += 1) {
    const numbered = count === 1 ? name : `${name}-${count}`
    if (!existsSync(numbered)) return numbered
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
