import { DatabaseSync } from 'node:sqlite'
import type { OrgStore } from '../../src/org/org-store.ts'
import type { OutboxStore } from '../../src/outbox/outbox-store.ts'
import { customObject } from '../../src/schema/custom-object.ts'
import { openCipher } from '../../src/store/cipher.ts'
import type { Dialect, NamedOp, Op, OpRunner, SqlStep } from '../../src/store/sql/op.ts'
import { openOrgStore } from '../../src/store/sql/org/org-store.ts'
import { replaceDefinitions } from '../../src/store/sql/org/replace-definitions.ts'
import { openOutboxStore } from '../../src/store/sql/outbox/outbox-store.ts'
import { type Database, runOp, SQLITE } from '../../src/store/sqlite/database.ts'
import { migrate } from '../../src/store/sqlite/migrate.ts'
import { type Host, kill, killPoint, never, passThrough } from './host.ts'
import type { VirtualTime } from './virtual-time.ts'

/** The object whose records are saved and sent. */
export const OBJECT_NAME = 'Thing__c'

/** What is told of each transaction that was committed, before anything else happens. */
export type Committed = {
  readonly host: Host
  readonly op: string
  readonly ask: unknown
  readonly answer: unknown
}

/** The store of a simulated world: the real ops on a real SQLite database, without threads and without a disk. */
export type InProcessStore = {
  readonly db: DatabaseSync
  /** The store as one process sees it. */
  storesFor(host: Host): Promise<{ readonly outbox: OutboxStore; readonly org: OrgStore }>
  /** Runs an op at once, as nobody's: to look. */
  look<A, T>(op: NamedOp<A, T>, ask: A): T
}

/** What runs an op when its process is killed in the midst of it. */
class KilledMidway extends Error {}

let kept: Database | null = null
let clock: VirtualTime | null = null

/** Opens an empty store whose own clock is the virtual one. */
export async function openInProcessStore(
  time: VirtualTime,
  onCommit: (committed: Committed) => void,
): Promise<InProcessStore> {
  const database = emptied(time)
  const dialect: Dialect = { ...SQLITE, nowMs: 'virtual_now()' }
  const write = <T>(op: Op<T>, stopAfter: number): T => {
    database.db.exec('BEGIN IMMEDIATE')
    try {
      const answer = runOp(database, stopAfter === 0 ? op : killedAfter(op, stopAfter))
      database.db.exec('COMMIT')
      return answer
    } catch (error) {
      database.db.exec('ROLLBACK')
      throw error
    }
  }
  const runnerFor = (host: Host): OpRunner => ({
    dialect,
    write: async (op, ask) => {
      await passThrough(time, host)
      const point = killPoint(host)
      if (point === 'before') return killed(host)
      if (host.random.chance(host.mishaps.failed)) return lost(host, `${op.name}: no connection`)
      try {
        const stopAfter = point === 'midway' ? host.random.int(1, 8) : 0
        const answer = write(op.body(dialect, ask), stopAfter)
        onCommit({ host, op: op.name, ask, answer })
        if (point !== null) return killed(host)
        const isLost = host.random.chance(host.mishaps.lost)
        await passThrough(time, host)
        if (isLost) return lost(host, `${op.name}: the answer is lost`)
        return answer
      } catch (error) {
        if (error instanceof KilledMidway) return killed(host)
        throw error
      }
    },
    read: async (op, ask) => {
      await passThrough(time, host)
      const answer = runOp(database, op.body(dialect, ask))
      await passThrough(time, host)
      return answer
    },
    readWithin: () => Promise.reject(new Error('nothing here is queried')),
  })
  const storesFor: InProcessStore['storesFor'] = async (host) => {
    const runner = runnerFor(host)
    const org = openOrgStore(runner, openCipher(Buffer.alloc(32, 7)))
    await org.readDefinitions()
    return { outbox: openOutboxStore(runner), org }
  }
  return {
    db: database.db,
    storesFor,
    look: (op, ask) => runOp(database, op.body(dialect, ask)),
  }
}

function lost(host: Host, reason: string): never {
  host.onMishap(0)
  throw new Error(reason)
}

function killed(host: Host): Promise<never> {
  kill(host)
  return never()
}

/** The op, cut short after so many statements; an op of fewer is cut short at its end. */
function* killedAfter<T>(op: Op<T>, statements: number): Op<T> {
  let next = op.next()
  for (let count = 0; !next.done && count < statements; count += 1) {
    next = op.next(yield next.value as SqlStep)
  }
  throw new KilledMidway()
}

/** One database serves all runs of a process: making its tables takes longer than a short run. */
function emptied(time: VirtualTime): Database {
  kept ??= made()
  const { db } = kept
  clock = time
  for (const table of tables(db)) db.exec(`DELETE FROM "${table}"`)
  return kept
}

/** The tables that a run fills. */
function tables(db: DatabaseSync): readonly string[] {
  const found = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  const names = found.map((row) => String(row['name']))
  return names.filter((name) => /^(notification|lane|attempt|sf_)/.test(name))
}

function made(): Database {
  const database = { db: new DatabaseSync(':memory:'), statements: new Map() }
  migrate(database)
  database.db.function('virtual_now', () => BigInt(clock?.now() ?? 0))
  const body = customObject({ name: OBJECT_NAME, fields: [] })
  const definitions = [{ kind: 'object' as const, key: OBJECT_NAME, body }]
  runOp(database, replaceDefinitions.body(SQLITE, { source: 'built-in', definitions }))
  return database
}
