import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ApiError } from './api-error.ts'

/** The largest body that SOAP and REST take, decoded: Salesforce's own 50 MB. */
export const BODY_BYTES_MAX = 50 * 1024 * 1024

/** Bodies of all requests in hand together: what comes beyond is told to come again. */
export const BODIES_BYTES_MAX = 256 * 1024 * 1024

export type BodyReader = {
  /**
   * Reads the whole body, gzip undone. Refuses with 413 EXCEEDED_MAX_SIZE_REQUEST, 415
   * UNSUPPORTED_MEDIA_TYPE or 503 SERVER_UNAVAILABLE. What it holds counts until `release` is called.
   */
  read(message: IncomingMessage): Promise<Buffer>
  release(message: IncomingMessage): void
}

/** Makes the one reader of a server; sizes in bytes. */
export function openBodyReader(
  bodyMax: number = BODY_BYTES_MAX,
  bodiesMax: number = BODIES_BYTES_MAX,
): BodyReader {
  const held = new Map<IncomingMessage, number>()
  let heldBytes = 0

  const hold = (message: IncomingMessage, bytes: number) => {
    const size = (held.get(message) ?? 0) + bytes
    if (size > bodyMax) throw tooLarge(bodyMax)
    if (heldBytes + bytes > bodiesMax) throw tooBusy()
    held.set(message, size)
    heldBytes += bytes
  }

  return {
    async read(message) {
      if (Number(message.headers['content-length'] ?? 0) > bodyMax) throw tooLarge(bodyMax)
      const source = decoded(message)
      const chunks: Buffer[] = []
      try {
        // The request must outlive a refusal, or nobody could read the answer.
        for await (const chunk of source.iterator({ destroyOnReturn: false })) {
          hold(message, chunk.length)
          chunks.push(chunk)
        }
      } catch (error) {
        if (source !== message) source.destroy()
        throw error instanceof ApiError ? error : unreadable(error)
      }
      return Buffer.concat(chunks)
    },
    release(message) {
      heldBytes -= held.get(message) ?? 0
      held.delete(message)
    },
  }
}

function decoded(message: IncomingMessage): Readable {
  const encoding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === '') return message
  if (encoding === 'gzip' || encoding === 'x-gzip') {
    const gunzip = createGunzip()
    message.on('error', (error) => gunzip.destroy(error))
    message.on('close', () => {
      if (!message.complete) gunzip.destroy(new Error('the connection ended within the body'))
    })
    return message.pipe(gunzip)
  }
  const found = JSON.stringify(encoding)
  throw new ApiError(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    `Content-Encoding ${found} is not known: send gzip, or none`,
  )
}

function tooLarge(bodyMax: number): ApiError {
  const limit = `${Math.floor(bodyMax / 1024)} KB`
  return new ApiError(
    413,
    'EXCEEDED_MAX_SIZE_REQUEST',
    `the request's body is larger than ${limit}: send it in parts`,
  )
}

function tooBusy(): ApiError {
  return new ApiError(
    503,
    'SERVER_UNAVAILABLE',
    'too many large requests at once: send this one again in a moment',
  )
}

function unreadable(error: unknown): ApiError {
  const reason = error instanceof Error ? error.message : String(error)
  return new ApiError(
    400,
    'MALFORMED_REQUEST_BODY',
    `the request's body cannot be read to its end (${reason}): send it again, whole`,
  )
}
