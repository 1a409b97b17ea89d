import { parentPort, workerData } from 'node:worker_threads'
import { errorText } from '../../base/log.ts'
import { OPS } from '../sql/ops.ts'
import { type Database, openDatabase, runOp, SQLITE } from './database.ts'
import { migrate } from './migrate.ts'
import type { ThreadAnswer, ThreadAsk, ThreadReady, ThreadStart } from './protocol.ts'

// A thread that owns one connection: the writer commits each batch of asks together, the reader just reads.
const start = workerData as ThreadStart
const port = parentPort

function open(): Database | null {
  try {
    const database = openDatabase(start.path, start.mode === 'reader')
    if (start.mode === 'writer') migrate(database)
    ready({ failure: null, errorCode: null })
    return database
  } catch (error) {
    const errorCode = (error as { errorCode?: string }).errorCode ?? null
    ready({ failure: errorText(error), errorCode })
    return null
  }
}

function ready(message: ThreadReady): void {
  port?.postMessage(message)
}

function runAsk(database: Database, { op, ask }: ThreadAsk): ThreadAnswer {
  const known = OPS.get(op)
  if (!known) return { kind: 'failed', message: `no op is named ${op}` }
  try {
    return { kind: 'done', value: runOp(database, known.body(SQLITE, ask)) }
  } catch (error) {
    return { kind: 'failed', message: errorText(error) }
  }
}

/** One physical commit for all asks; one that fails is undone alone. */
function writeTogether(database: Database, asks: readonly ThreadAsk[]): readonly ThreadAnswer[] {
  const { db } = database
  try {
    db.exec('BEGIN IMMEDIATE')
    const answers = asks.map((ask) => {
      db.exec('SAVEPOINT ask')
      const answer = runAsk(database, ask)
      if (answer.kind === 'failed') db.exec('ROLLBACK TO ask')
      db.exec('RELEASE ask')
      return answer
    })
    db.exec('COMMIT')
    return answers
  } catch (error) {
    // A full disk or a lost file ends the transaction by itself: then there is nothing left to roll back.
    if (db.isTransaction) db.exec('ROLLBACK')
    return asks.map(() => ({ kind: 'failed', message: errorText(error) }))
  }
}

const database = open()
if (database) {
  port?.on('message', (asks: readonly ThreadAsk[] | 'close') => {
    if (asks === 'close') {
      database.db.close()
      port.close()
      return
    }
    const answers =
      start.mode === 'writer'
        ? writeTogether(database, asks)
        : asks.map((ask) => runAsk(database, ask))
    port.postMessage(answers)
  })
}
