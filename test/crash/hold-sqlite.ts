// Loaded before a receiving process and each of its threads (`node --import`): stops a thread of the store inside a
// transaction, between two statements.
import { basename } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { reaches } from './hold.ts'
import { type Seen, stepAfter, stepBefore, type Transaction } from './hold-in-commit.ts'

const files = new WeakMap<DatabaseSync, Transaction>()
const owners = new WeakMap<StatementSync, DatabaseSync>()

function transactionOf(db: DatabaseSync): Transaction {
  const known = files.get(db)
  if (known) return known
  const made = { lane: basename(db.location() ?? '', '.db'), seen: new Set<Seen>() }
  files.set(db, made)
  return made
}

function standIn(step: string | null): void {
  if (step !== null && reaches(step)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const { prepare, exec } = DatabaseSync.prototype
DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...args) {
  const statement = prepare.apply(this, args)
  owners.set(statement, this)
  return statement
}
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql) {
  standIn(stepBefore(transactionOf(this), sql))
  exec.call(this, sql)
  standIn(stepAfter(transactionOf(this), sql))
}
for (const name of ['run', 'all'] as const) {
  const original = StatementSync.prototype[name] as (...args: unknown[]) => unknown
  Object.assign(StatementSync.prototype, {
    [name](this: StatementSync, ...args: unknown[]) {
      const db = owners.get(this)
      if (db) standIn(stepBefore(transactionOf(db), this.sourceSQL))
      return original.apply(this, args)
    },
  })
}
