import { openThread, type ThreadConnection } from './connection.ts'
import type { OpAsk } from './protocol.ts'

/** So many reads find the writer writing before a thread of their own is worth its start and its memory. */
const WAITS_MAX = 16

/** Who answers reads: the writer's thread as long as they hardly wait for it, then a thread of their own. */
export type Reader = {
  ask(ask: OpAsk): Promise<unknown>
  close(): Promise<void>
}

/** Starts no thread yet. */
export function openReader(path: string, writer: ThreadConnection): Reader {
  let waitCount = 0
  let opening: Promise<ThreadConnection | null> | null = null
  let thread: ThreadConnection | null = null

  const open = async () => {
    // One that cannot be opened is not missed: the writer goes on answering.
    thread = await openThread({ path, mode: 'reader' }).catch(() => null)
    return thread
  }
  return {
    ask: (ask) => {
      if (thread === null && writer.isWriting()) waitCount += 1
      if (waitCount >= WAITS_MAX) opening ??= open()
      return (thread ?? writer).ask({ kind: 'read', ...ask })
    },
    close: async () => {
      const opened = await opening
      await opened?.close()
    },
  }
}
