import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** Knows which connections carried a request before their last one. */
export type KeptConnections = {
  /** To be called with each new connection. */
  watch(socket: Socket): void
  /** Whether `error` ended a connection that had carried other requests. */
  endedBy(error: unknown): boolean
  close(): void
}

/** undici tells of each request's head as it writes it to a socket; there is no other way to know which socket. */
const SENT = 'undici:client:sendHeaders'

/** Counts the requests of each connection, for `watch`ed ones only. */
export function openKeptConnections(): KeptConnections {
  const requestCounts = new WeakMap<object, number>()
  const ends = new WeakSet<Error>()

  const count = (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return
    const { socket } = message
    if (typeof socket !== 'object' || socket === null) return
    const known = requestCounts.get(socket)
    if (known !== undefined) requestCounts.set(socket, known + 1)
  }
  subscribe(SENT, count)
  return {
    watch: (socket) => {
      requestCounts.set(socket, 0)
      socket.on('error', (error: Error) => {
        if ((requestCounts.get(socket) ?? 0) > 1) ends.add(error)
      })
    },
    endedBy: (error) => error instanceof Error && ends.has(error),
    close: () => {
      unsubscribe(SENT, count)
    },
  }
}
