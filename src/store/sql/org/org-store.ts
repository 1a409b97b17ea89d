import type { ChangeSet, OrgStore, RecordAsk } from '../../../org/org-store.ts'
import type { Select } from '../../../org/select.ts'
import type { ObjectDefinition } from '../../../schema/object-definition.ts'
import type { RecordId } from '../../../schema/record-id.ts'
import type { Cipher } from '../../cipher.ts'
import type { OpRunner } from '../op.ts'
import type { PackedRows } from '../pack-rows.ts'
import { toCommitAsk } from './change-set-rows.ts'
import { commit } from './commit.ts'
import {
  claimSetting,
  deleteSession,
  endSessions,
  readPasswordHash,
  readSession,
  readSetting,
  retainSessions,
  writePasswordHash,
  writeSession,
  writeSetting,
} from './people.ts'
import { select } from './query/select.ts'
import { selectSql } from './query/select-sql.ts'
import { askedColumns, readRecords, readStatement, toRecords } from './records.ts'
import { readDefinitions, replaceDefinitions } from './replace-definitions.ts'
import { reserveSerials } from './serials.ts'
import { fromColumn } from './tables/column-values.ts'
import { type ObjectTable, tableOf } from './tables/columns.ts'

/** What the org asks of a store, over either database. It knows the objects that were last read or replaced. */
export function openOrgStore(runner: OpRunner, cipher: Cipher): OrgStore {
  const { dialect } = runner
  const tables = openTables(runner)
  const writer = { dialect, cipher, tableOf: tables.of }

  return {
    readRecords: (asks, timedIds = []) => {
      return readAll(runner, { tables, cipher }, { asks, timedIds })
    },
    commit: async (changeSet: ChangeSet) => {
      const failed = await runner.write(commit, toCommitAsk(writer, changeSet))
      return failed.length === 0 ? { kind: 'committed' } : { kind: 'failed', expectations: failed }
    },
    reserveSerials: (sequence, count, startingAt = 1) =>
      runner.write(reserveSerials, { sequence, count, startingAt }),
    select: async (query: Select, deadlineMs) => {
      const { sql, params, columns } = selectSql({ dialect, tableOf: tables.of }, query)
      const found = await runner.readWithin(select, { sql, params }, deadlineMs)
      if (query.isCount) return found.map((row) => [String(row['v0'])])
      return found.map((row) =>
        columns.map((column, index) => fromSelected(column, row[`v${index}`], cipher)),
      )
    },
    readDefinitions: tables.read,
    replaceDefinitions: async (source, definitions) => {
      const version = await runner.write(replaceDefinitions, { source, definitions })
      await tables.read()
      return version
    },
    readPasswordHash: (userId) => runner.read(readPasswordHash, userId),
    writePasswordHash: (userId, hash) => runner.write(writePasswordHash, { userId, hash }),
    readSession: (tokenHash) => runner.read(readSession, tokenHash),
    writeSession: (session) => runner.write(writeSession, session),
    deleteSession: (tokenHash) => runner.write(deleteSession, tokenHash),
    endSessions: (userId) => runner.write(endSessions, userId),
    retainSessions: (real) => runner.write(retainSessions, real),
    readSetting: (name) => runner.read(readSetting, name),
    writeSetting: (name, value) => runner.write(writeSetting, { name, value }),
    claimSetting: (name, value) => runner.write(claimSetting, { name, value }),
  }
}

type Tables = {
  of(objectName: string): ObjectTable
  read: OrgStore['readDefinitions']
}

function openTables(runner: OpRunner): Tables {
  let objects: ReadonlyMap<string, ObjectDefinition> = new Map()
  return {
    of: (objectName) => {
      const object = objects.get(objectName.toLowerCase())
      if (!object) throw new Error(`the store has no table for ${objectName}`)
      return tableOf(object)
    },
    read: async () => {
      const found = await runner.read(readDefinitions, null)
      objects = new Map(
        found.definitions.flatMap((each) =>
          each.kind === 'object' ? [[each.body.name.toLowerCase(), each.body] as const] : [],
        ),
      )
      return found
    },
  }
}

const NO_ROWS: PackedRows = { names: [], columns: [] }

async function readAll(
  runner: OpRunner,
  { tables, cipher }: { tables: Tables; cipher: Cipher },
  { asks, timedIds }: { asks: readonly RecordAsk[]; timedIds: readonly RecordId[] },
): ReturnType<OrgStore['readRecords']> {
  const statements = asks.map((ask) =>
    readStatement(runner.dialect, tables.of(ask.objectName), ask),
  )
  const { found, ...rest } = await runner.read(readRecords, { statements, timedIds })
  const records = asks.flatMap((ask, index) => {
    const table = tables.of(ask.objectName)
    const columns = askedColumns(table, ask)
    return toRecords(table, found[index] ?? NO_ROWS, { cipher, columns })
  })
  return { records, ...rest }
}

/** A parent that is not there has no checkbox either: blank, not false. */
function fromSelected(
  column: Parameters<typeof fromColumn>[0],
  kept: unknown,
  cipher: Cipher,
): ReturnType<typeof fromColumn> {
  return kept === null ? null : fromColumn(column, kept, cipher)
}
