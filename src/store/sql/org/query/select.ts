import { defineOp, rows, type SqlValue } from '../../op.ts'

/** Runs a query that `selectSql` wrote. */
export const select = defineOp(
  'org.select',
  function* (_, { sql, params }: { sql: string; params: readonly SqlValue[] }) {
    return yield* rows(sql, ...params)
  },
)
