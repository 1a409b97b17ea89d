import { errorText } from '../../base/log.ts'
import { OPS } from '../sql/ops.ts'
import { openDatabase, runOp, SQLITE } from './database.ts'
import type { ThreadAnswer, ThreadAsk } from './protocol.ts'

// The reader process: answers one ask after the other until its parent goes away.
const database = openDatabase(process.argv[2] ?? '', true)

process.on('disconnect', () => process.exit(0))
process.on('message', ({ op, ask }: ThreadAsk) => {
  process.send?.(answer(op, ask))
})

function answer(op: string, ask: unknown): ThreadAnswer {
  try {
    const known = OPS.get(op)
    if (!known) return { kind: 'failed', message: `no op is named ${op}` }
    return { kind: 'done', value: runOp(database, known.body(SQLITE, ask)) }
  } catch (error) {
    return { kind: 'failed', message: errorText(error) }
  }
}
