import { MIGRATIONS } from '../sql/migrations.ts'
import { StoreError } from '../store-error.ts'
import type { Database } from './database.ts'

/** Brings the file to the present schema in one transaction; an older program refuses a newer file. */
export function migrate({ db }: Database, migrations = MIGRATIONS): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    const row = db.prepare('PRAGMA user_version').get()
    const version = Number(row?.['user_version'] ?? 0)
    if (version > migrations.length) {
      throw new StoreError(
        'STORE_TOO_NEW',
        `the store has schema ${version}, this program knows ${migrations.length}: start a newer program`,
      )
    }
    for (const statements of migrations.slice(version)) {
      for (const sql of statements) db.exec(sql)
    }
    db.exec(`PRAGMA user_version = ${migrations.length}`)
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}
