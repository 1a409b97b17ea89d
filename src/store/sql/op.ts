/** What a statement takes and gives. Arrays are for `inList` alone. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array | readonly string[]

export type SqlRow = Readonly<
  Record<string, string | number | bigint | boolean | null | Uint8Array>
>

/** What an op wants done next. The driver of each store knows how. */
export type SqlStep =
  | SqlStatement
  | {
      /** Statements in this order whose answers are needed only after the last of them: one round trip. */
      readonly kind: 'together'
      readonly statements: readonly SqlStatement[]
      /** Nothing follows, and nobody reads the answers: they go with the commit, which fails where one of them does. */
      readonly isLast: boolean
    }

/** One statement, or what becomes one where the database can take rows as arrays. */
export type SqlStatement =
  | { readonly kind: 'rows'; readonly sql: string; readonly params: readonly SqlValue[] }
  | { readonly kind: 'run'; readonly sql: string; readonly params: readonly SqlValue[] }
  | {
      readonly kind: 'insert'
      readonly table: string
      readonly columns: readonly SqlColumn[]
      readonly rows: readonly (readonly SqlValue[])[]
      /** `ignore`: rows whose key is there already are passed over; the answer names the ones written. */
      readonly onConflict: 'fail' | 'ignore'
      /** Column whose values are answered, for the rows that were written. */
      readonly returning: string
    }
  | {
      /** Updates rows by key; where `guard` is given, only if that column still has the row's guard value. */
      readonly kind: 'update'
      readonly table: string
      readonly key: SqlColumn
      readonly guard: SqlColumn | null
      /** A condition that the rows must meet as well. */
      readonly where?: string
      readonly columns: readonly SqlColumn[]
      /** Key, then the guard's expected value if there is one, then the columns' values. */
      readonly rows: readonly (readonly SqlValue[])[]
    }

/** A column with the type PostgreSQL needs to read arrays of it. */
export type SqlColumn = {
  readonly name: string
  readonly type:
    | 'text'
    | 'bigint'
    | 'numeric'
    | 'boolean'
    | 'date'
    | 'timestamptz'
    | 'double precision'
}

/** `rows` and `insert` answer rows (`insert`: of its returning column); `run` and `update` answer keys or a count. */
export type SqlAnswer = {
  readonly rows: readonly SqlRow[]
  readonly changed: number
  /** Of `together`: the answer of each statement. */
  readonly each?: readonly SqlAnswer[]
}

/**
 * One transaction, written once for both stores: a generator that yields statements and is resumed with
 * their answers. SQLite runs it in one synchronous stretch in its thread, PostgreSQL over one connection.
 */
export type Op<T> = Generator<SqlStep, T, SqlAnswer>

/** What differs between the two stores' SQL. Statements are written with `?` for parameters. */
export type Dialect = {
  readonly name: 'sqlite' | 'postgres'
  /** `expression` is one of a list: the parameter is an array of texts. */
  inList(expression: string): string
  /** A table `each` with the column `value`, from a parameter that is an array of texts. */
  readonly eachOf: string
  /** The store's own clock in milliseconds, as an expression: leases go by it. */
  readonly nowMs: string
  /** Appended to the SELECT that picks rows to lock: `FOR UPDATE OF x SKIP LOCKED`, or nothing. */
  skipLocked(table: string): string
  /** Appended to a SELECT of rows that must stay until the commit: `FOR SHARE`, or nothing. */
  forShare(): string
  /** Appended to a SELECT of rows, of one of its tables if it is named, that nobody else may change until the commit. */
  forUpdate(table?: string): string
}

/** Asks for rows. */
export function* rows(sql: string, ...params: SqlValue[]): Op<readonly SqlRow[]> {
  const answer = yield { kind: 'rows', sql, params }
  return answer.rows
}

/** Asks for one row, or undefined. */
export function* oneRow(sql: string, ...params: SqlValue[]): Op<SqlRow | undefined> {
  const answer = yield { kind: 'rows', sql, params }
  return answer.rows[0]
}

/** Runs a statement, and answers how many rows it changed. */
export function* run(sql: string, ...params: SqlValue[]): Op<number> {
  const answer = yield { kind: 'run', sql, params }
  return answer.changed
}

/** Inserts many rows at once, and answers the `returning` values of those that were written. */
export function* insert(
  step: Omit<SqlStatement & { kind: 'insert' }, 'kind'>,
): Op<readonly string[]> {
  if (step.rows.length === 0) return []
  const answer = yield { kind: 'insert', ...step }
  return answer.rows.map((row) => String(row[step.returning]))
}

/** Updates many rows at once by key, and answers the keys of those that were (the guard held). */
export function* update(
  step: Omit<SqlStatement & { kind: 'update' }, 'kind'>,
): Op<readonly string[]> {
  if (step.rows.length === 0) return []
  const answer = yield { kind: 'update', ...step }
  return answer.rows.map((row) => String(row[step.key.name]))
}

/** Runs statements that need not wait for each other's answers. Empty ones are passed over with an empty answer. */
export function* together(statements: readonly SqlStatement[]): Op<readonly SqlAnswer[]> {
  const asked = statements.filter((each) => !isEmpty(each))
  const answers =
    asked.length === 0
      ? []
      : ((yield { kind: 'together', statements: asked, isLast: false }).each ?? [])
  return statements.map((each) => {
    const answer = isEmpty(each) ? undefined : answers[asked.indexOf(each)]
    return answer ?? { rows: [], changed: 0 }
  })
}

/** Ends an op with statements whose answers nobody reads: on PostgreSQL they share the commit's round trip. */
export function* lastly(statements: readonly SqlStatement[]): Op<void> {
  const asked = statements.filter((each) => !isEmpty(each))
  if (asked.length > 0) yield { kind: 'together', statements: asked, isLast: true }
}

function isEmpty(statement: SqlStatement): boolean {
  return (statement.kind === 'insert' || statement.kind === 'update') && statement.rows.length === 0
}

/** An op with the name that the thread of the embedded store finds it by. */
export type NamedOp<A, T> = {
  readonly name: string
  readonly body: (dialect: Dialect, ask: A) => Op<T>
}

/** Names an op. Every one must be listed in `ops.ts`. */
export function defineOp<A, T>(
  name: string,
  body: (dialect: Dialect, ask: A) => Op<T>,
): NamedOp<A, T> {
  return { name, body }
}

/** How a store runs ops. Asks and answers must survive a structured clone. */
export type OpRunner = {
  /** One transaction, committed and on disk before it answers. Many share one physical commit; each fails alone. */
  write<A, T>(op: NamedOp<A, T>, ask: A): Promise<T>
  /** Sees committed data only. */
  read<A, T>(op: NamedOp<A, T>, ask: A): Promise<T>
  /** A read that may be slow: ended with QUERY_TIMEOUT at its deadline, without slowing the others. */
  readWithin<A, T>(op: NamedOp<A, T>, ask: A, deadlineMs: number): Promise<T>
  readonly dialect: Dialect
}
