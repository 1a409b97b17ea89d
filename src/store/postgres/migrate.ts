import type pg from 'pg'
import { MIGRATIONS } from '../sql/migrations.ts'
import { StoreError } from '../store-error.ts'

/** Any number: it only has to be the same in all processes that open the store at once. */
const MIGRATION_LOCK = 7_203_447

/**
 * Rows of lanes and slots, of lines and paces are written again and again, those of notifications and runs live for a
 * moment: dead versions are to go before a lease has to walk over many of them.
 */
const VACUUMED_EARLY: readonly string[] = [
  'ALTER TABLE lane SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01)',
  'ALTER TABLE lane_slot SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01)',
  `ALTER TABLE notification SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0)`,
  'ALTER TABLE job_run SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)',
  'ALTER TABLE job_pace SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01)',
  'ALTER TABLE run_line SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01)',
  'ALTER TABLE record_stamp SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)',
]

/** Brings the database to the present schema in one transaction; an older program refuses a newer store. */
export async function migratePostgres(pool: pg.Pool, migrations = MIGRATIONS): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await client.query('CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)')
    const { rows } = await client.query('SELECT version FROM schema_version')
    const version = Number(rows[0]?.version ?? 0)
    if (version > migrations.length) {
      throw new StoreError(
        'STORE_TOO_NEW',
        `the store has schema ${version}, this program knows ${migrations.length}: start a newer program`,
      )
    }
    for (const sql of migrations.slice(version).flat()) await client.query(sql)
    if (version === 0) for (const sql of VACUUMED_EARLY) await client.query(sql)
    await client.query('DELETE FROM schema_version')
    await client.query('INSERT INTO schema_version (version) VALUES ($1)', [migrations.length])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}
