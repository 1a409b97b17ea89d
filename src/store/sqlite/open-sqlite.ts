import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { errorText } from '../../base/log.ts'
import { makeFolder } from '../../base/make-folder.ts'
import type { NamedOp, OpRunner } from '../sql/op.ts'
import { StoreError } from '../store-error.ts'
import { openThread } from './connection.ts'
import { SQLITE } from './database.ts'
import { openQueryProcess } from './query-process.ts'

/** Opens the embedded store: a writer thread, a reader thread, and a process for queries that may be slow. */
export async function openSqlite(path: string): Promise<OpRunner & { close(): Promise<void> }> {
  const file = resolve(path)
  makeFolderOf(file)
  // Only a file that is there can be read from the start: the writer makes a new one.
  const isNew = !existsSync(file)
  const opening = openThread({ path: file, mode: 'writer' })
  if (isNew) await opening
  const [writer, reader] = await Promise.all([opening, openThread({ path: file, mode: 'reader' })])
  const queries = openQueryProcess(file)
  return {
    dialect: SQLITE,
    write: <A, T>(op: NamedOp<A, T>, ask: A) => writer.ask({ op: op.name, ask }) as Promise<T>,
    read: <A, T>(op: NamedOp<A, T>, ask: A) => reader.ask({ op: op.name, ask }) as Promise<T>,
    readWithin: <A, T>(op: NamedOp<A, T>, ask: A, deadlineMs: number) =>
      queries.ask({ op: op.name, ask }, deadlineMs) as Promise<T>,
    close: async () => {
      queries.close()
      await reader.close()
      await writer.close()
    },
  }
}

function makeFolderOf(file: string): void {
  try {
    makeFolder(dirname(file))
  } catch (error) {
    throw new StoreError(
      'STORE_UNAVAILABLE',
      `cannot make the folder of ${file}: ${errorText(error)}`,
    )
  }
}
