import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import { RefusalError, type RejectionCode, rejected } from '../inbox/rejection.ts'

type BodyLimits = { readonly bodyBytesMax: number; readonly bodyDeadlineMs: number }

/** The memory that bodies may take together. */
export type BodyBudget = { open(): BudgetShare }

/** One request's part of it. */
export type BudgetShare = {
  /** False: there is no room. */
  take(bytes: number): boolean
  /** Gives back all that was taken. */
  release(): void
}

/** Opens a budget of `bytesMax` bytes for all bodies in hand. */
export function openBodyBudget(bytesMax: number): BodyBudget {
  let usedBytes = 0
  return {
    open: () => {
      let shareBytes = 0
      return {
        take: (bytes) => {
          if (usedBytes + bytes > bytesMax) return false
          usedBytes += bytes
          shareBytes += bytes
          return true
        },
        release: () => {
          usedBytes -= shareBytes
          shareBytes = 0
        },
      }
    },
  }
}

/**
 * Reads a whole body within limits and undoes gzip. Throws `RefusalError` for one that is too
 * large, too slow or cut off.
 */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  share: BudgetShare,
): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw refusal('CONTENT_ENCODING_NOT_SUPPORTED', 'expected gzip or no content encoding')
  }
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytesMax) throw tooLarge(limits)

  const bytes = await collect(request, limits, share)
  return encoding === 'gzip' ? unzip(bytes, limits, share) : bytes
}

function collect(
  request: IncomingMessage,
  limits: BodyLimits,
  share: BudgetShare,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let byteCount = 0
    const refuse = (error: RefusalError) => {
      finish()
      reject(error)
    }
    const onData = (chunk: Buffer) => {
      byteCount += chunk.length
      if (byteCount > limits.bodyBytesMax) refuse(tooLarge(limits))
      else if (!share.take(chunk.length)) refuse(noRoom())
      else chunks.push(chunk)
    }
    const onEnd = () => {
      finish()
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    }
    const onCut = () => refuse(refusal('BODY_INCOMPLETE', 'the body ended before it was whole'))
    const timer = setTimeout(() => {
      refuse(refusal('BODY_TOO_SLOW', `no whole body within ${limits.bodyDeadlineMs} ms`))
    }, limits.bodyDeadlineMs)

    function finish() {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onCut)
    }
    request.on('error', () => {}) // told by `close`
    if (request.destroyed) return onCut()
    request.on('data', onData).on('end', onEnd).on('close', onCut)
  })
}

async function unzip(bytes: Buffer, limits: BodyLimits, share: BudgetShare): Promise<Buffer> {
  const chunks: Buffer[] = []
  let byteCount = 0
  const zipped = createGunzip()
  zipped.end(bytes)
  try {
    for await (const chunk of zipped) {
      byteCount += chunk.length
      if (byteCount > limits.bodyBytesMax) throw tooLarge(limits)
      if (!share.take(chunk.length)) throw noRoom()
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof RefusalError) throw error
    throw refusal('BODY_INCOMPLETE', 'the body is no whole gzip')
  }
  return Buffer.concat(chunks)
}

function tooLarge({ bodyBytesMax }: BodyLimits): RefusalError {
  return refusal('BODY_TOO_LARGE', `a message may have ${bodyBytesMax} bytes at most`)
}

function noRoom(): RefusalError {
  return refusal('OVERLOADED', 'too many large messages at once: send it again later')
}

function refusal(code: RejectionCode, reason: string): RefusalError {
  return new RefusalError(rejected(code, reason))
}
