import { type Op, run } from '../../op.ts'
import type { ObjectTable } from './columns.ts'

/** Notes that an object's table has a column or an index of this name, and what it is. */
export function* rememberAs(
  table: ObjectTable,
  { name, kind, scale }: { name: string; kind: string; scale: number },
): Op<void> {
  yield* run(
    `INSERT INTO object_column (table_name, column_name, kind, scale) VALUES (?, ?, ?, ?)
     ON CONFLICT (table_name, column_name) DO UPDATE SET kind = excluded.kind, scale = excluded.scale`,
    table.name,
    name,
    kind,
    scale,
  )
}
