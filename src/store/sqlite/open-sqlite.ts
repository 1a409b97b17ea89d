import { dirname, resolve } from 'node:path'
import { errorText } from '../../base/log.ts'
import { makeFolder } from '../../base/make-folder.ts'
import type { NamedOp, OpRunner } from '../sql/op.ts'
import { StoreError } from '../store-error.ts'
import { openThread } from './connection.ts'
import { SQLITE } from './database.ts'
import { openQueryProcess } from './query-process.ts'
import { openReader } from './reader.ts'

/** Opens the embedded store: a thread that writes, one that reads once it is worth it, a process for slow queries. */
export async function openSqlite(path: string): Promise<OpRunner & { close(): Promise<void> }> {
  const file = resolve(path)
  makeFolderOf(file)
  const writer = await openThread({ path: file, mode: 'writer' })
  const reader = openReader(file, writer)
  const queries = openQueryProcess(file)
  return {
    dialect: SQLITE,
    write: <A, T>({ name }: NamedOp<A, T>, ask: A) =>
      writer.ask({ kind: 'write', op: name, ask }) as Promise<T>,
    read: <A, T>({ name }: NamedOp<A, T>, ask: A) => reader.ask({ op: name, ask }) as Promise<T>,
    readWithin: <A, T>({ name }: NamedOp<A, T>, ask: A, deadlineMs: number) =>
      queries.ask({ op: name, ask }, deadlineMs) as Promise<T>,
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
