import { parentPort } from 'node:worker_threads'
import { errorText } from '../../base/log.ts'
import { OPS } from '../sql/ops.ts'
import { type Database, openDatabase, runOp, SQLITE } from './database.ts'
import { migrate } from './migrate.ts'
import type {
  FromThread,
  OpAsk,
  ThreadAnswer,
  ThreadAsk,
  ThreadStart,
  ToThread,
} from './protocol.ts'

// A thread that owns one connection: the writer commits all writes of a batch together, the reader just reads.
const NO_ANSWER: ThreadAnswer = { kind: 'failed', message: 'no answer' }
let database: Database | null = null

parentPort?.on('message', (message: ToThread) => parentPort?.postMessage(answer(message)))

function answer(message: ToThread): FromThread {
  switch (message.kind) {
    case 'open':
      return open(message.start)
    case 'asks':
      return { kind: 'answers', answers: database ? answerAll(database, message.asks) : [] }
    case 'close':
      database?.db.close()
      database = null
      return { kind: 'closed' }
  }
}

function open({ path, mode }: ThreadStart): FromThread {
  try {
    database = openDatabase(path, mode === 'reader')
    if (mode === 'writer') migrate(database)
    return { kind: 'opened', failure: null, errorCode: null }
  } catch (error) {
    const errorCode = (error as { errorCode?: string }).errorCode ?? null
    return { kind: 'opened', failure: errorText(error), errorCode }
  }
}

/** Reads go first: they see what is committed, and nothing that may still be undone. */
function answerAll(from: Database, asks: readonly ThreadAsk[]): readonly ThreadAnswer[] {
  const only = (kind: ThreadAsk['kind']) => asks.filter((ask) => ask.kind === kind)
  const reads = readAll(from, only('read'))
  const writes = writeTogether(from, only('write'))
  const answers = { read: reads.values(), write: writes.values() }
  return asks.map(({ kind }) => answers[kind].next().value ?? NO_ANSWER)
}

/** The writer's connection could write: an op that must only read fails here as it would in the reader. */
function readAll(from: Database, asks: readonly OpAsk[]): readonly ThreadAnswer[] {
  if (asks.length === 0) return []
  from.db.exec('PRAGMA query_only = ON')
  const answers = asks.map((ask) => runAsk(from, ask))
  from.db.exec('PRAGMA query_only = OFF')
  return answers
}

/** One physical commit for all asks; one that fails is undone alone. */
function writeTogether(to: Database, asks: readonly OpAsk[]): readonly ThreadAnswer[] {
  if (asks.length === 0) return []
  const { db } = to
  try {
    db.exec('BEGIN IMMEDIATE')
    const answers = asks.map((ask) => {
      db.exec('SAVEPOINT ask')
      const answer = runAsk(to, ask)
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

function runAsk(on: Database, { op, ask }: OpAsk): ThreadAnswer {
  const known = OPS.get(op)
  if (!known) return { kind: 'failed', message: `no op is named ${op}` }
  try {
    return { kind: 'done', value: runOp(on, known.body(SQLITE, ask)) }
  } catch (error) {
    return { kind: 'failed', message: errorText(error) }
  }
}
