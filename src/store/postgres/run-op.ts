import type pg from 'pg'
import type {
  Op,
  SqlAnswer,
  SqlColumn,
  SqlRow,
  SqlStatement,
  SqlStep,
  SqlValue,
} from '../sql/op.ts'

/**
 * Runs an op as one transaction: the first step goes with BEGIN, the last, where the op says which it is, with
 * COMMIT, in a round trip each. What fails is rolled back and thrown.
 */
export async function runTransaction<T>(client: pg.PoolClient, op: Op<T>): Promise<T> {
  const began = heard(client.query('BEGIN'))
  const unanswered = [began]
  try {
    const value = await runOp(client, op, unanswered)
    const committed = heard(client.query('COMMIT'))
    await Promise.all(unanswered)
    await committed
    return value
  } catch (error) {
    await began
    await client.query('ROLLBACK')
    throw error
  }
}

/** Keeps a promise that fails before anybody awaits it from ending the program. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** Runs an op to its end over one connection. What nobody needs the answer of is put into `unanswered`. */
export async function runOp<T>(
  client: pg.PoolClient,
  op: Op<T>,
  unanswered: Promise<unknown>[] = [],
): Promise<T> {
  let next = op.next()
  while (!next.done) {
    let answer: SqlAnswer
    try {
      answer = await runStep(client, next.value, unanswered)
    } catch (error) {
      op.return(undefined as T)
      throw error
    }
    next = op.next(answer)
  }
  return next.value
}

async function runStep(
  client: pg.PoolClient,
  step: SqlStep,
  unanswered: Promise<unknown>[],
): Promise<SqlAnswer> {
  if (step.kind !== 'together') return runStatement(client, step)
  const answers = step.statements.map((statement) => heard(runStatement(client, statement)))
  if (!step.isLast) return { rows: [], changed: 0, each: await Promise.all(answers) }
  unanswered.push(...answers)
  return { rows: [], changed: 0 }
}

async function runStatement(client: pg.PoolClient, step: SqlStatement): Promise<SqlAnswer> {
  switch (step.kind) {
    case 'rows':
    case 'run':
      return ask(client, numbered(step.sql), step.params)
    case 'insert':
      return ask(client, insertSql(step), transpose(step.rows, step.columns.length))
    case 'update': {
      const width = step.columns.length + (step.guard ? 2 : 1)
      return ask(client, updateSql(step), transpose(step.rows, width))
    }
  }
}

async function ask(
  client: pg.PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<SqlAnswer> {
  const name = statementName(text)
  const result = await client.query({ ...(name && { name }), text, values: [...values] })
  return { rows: result.rows as SqlRow[], changed: result.rowCount ?? 0 }
}

const NAMES_MAX = 500
const names = new Map<string, string>()

/** Statements are prepared under a name of their own, the first so many of them: the set is small and stable. */
function statementName(text: string): string | null {
  const known = names.get(text)
  if (known) return known
  if (names.size >= NAMES_MAX || !/^(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(text)) return null
  const name = `obm_${names.size}`
  names.set(text, name)
  return name
}

const numberedTexts = new Map<string, string>()

function numbered(sql: string): string {
  const known = numberedTexts.get(sql)
  if (known) return known
  let count = 0
  const text = sql.replaceAll('?', () => {
    count += 1
    return `$${count}`
  })
  if (numberedTexts.size < NAMES_MAX) numberedTexts.set(sql, text)
  return text
}

function insertSql(step: SqlStatement & { kind: 'insert' }): string {
  const columns = step.columns.map((column) => quote(column.name)).join(', ')
  const ignore = step.onConflict === 'ignore' ? ' ON CONFLICT DO NOTHING' : ''
  return `INSERT INTO ${quote(step.table)} (${columns}) SELECT * FROM ${unnest(step.columns)}${ignore} RETURNING ${quote(step.returning)}`
}

function updateSql(step: SqlStatement & { kind: 'update' }): string {
  const given = [step.key, ...(step.guard ? [step.guard] : []), ...step.columns]
  const aliases = given.map((_, index) => `c${index}`)
  const first = given.length - step.columns.length
  const set = step.columns.map((column, index) => `${quote(column.name)} = v.c${first + index}`)
  const guard = step.guard ? ` AND t.${quote(step.guard.name)} = v.c1` : ''
  const where = step.where ? ` AND ${step.where}` : ''
  return `UPDATE ${quote(step.table)} t SET ${set.join(', ')} FROM ${unnest(given)} AS v(${aliases.join(', ')}) WHERE t.${quote(step.key.name)} = v.c0${guard}${where} RETURNING t.${quote(step.key.name)}`
}

function unnest(columns: readonly SqlColumn[]): string {
  return `unnest(${columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(', ')})`
}

function transpose(rows: readonly (readonly SqlValue[])[], width: number): unknown[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]))
}

function quote(name: string): string {
  return `"${name}"`
}
