import { errorText } from '../../base/log.ts'
import { OPS } from '../sql/ops.ts'
import { type Database, openDatabase, runOp, SQLITE } from './database.ts'
import type { ThreadAnswer, ToQueryProcess } from './protocol.ts'

// A query process: answers one ask after the other until its parent goes away.
let open: { readonly path: string; readonly database: Database } | null = null

process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToQueryProcess) => {
  if (message) process.send?.(answer(message))
  else close()
})

function answer({ path, op, ask }: NonNullable<ToQueryProcess>): ThreadAnswer {
  try {
    const known = OPS.get(op)
    if (!known) return { kind: 'failed', message: `no op is named ${op}` }
    return { kind: 'done', value: runOp(databaseAt(path), known.body(SQLITE, ask)) }
  } catch (error) {
    return { kind: 'failed', message: errorText(error) }
  }
}

function databaseAt(path: string): Database {
  if (open?.path !== path) close()
  open ??= { path, database: openDatabase(path, true) }
  return open.database
}

function close(): void {
  open?.database.db.close()
  open = null
}
