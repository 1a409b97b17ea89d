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

/** How a body is read, and who gets it. */
export type BodyReading = {
  readonly limits: BodyLimits
  readonly share: BudgetShare
  /** Gets the body, decoded, piece by piece; what it throws ends the reading. */
  readonly take: (piece: Uint8Array) => void
}

/**
 * Reads a body within limits, undoes gzip, and hands it on as it comes. Throws `RefusalError` for one that is too
 * large, too slow or cut off.
 */
export async function readBody(request: IncomingMessage, reading: BodyReading): Promise<void> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw refusal('CONTENT_ENCODING_NOT_SUPPORTED', 'expected gzip or no content encoding')
  }
  const { limits } = reading
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytesMax) throw tooLarge(limits)
  await collect(request, reading, encoding === 'gzip' ? openGunzip : openPlain)
}

/** Between the bytes of the request and the body they mean. */
type Decoding = {
  /** False: no more until `ports.goOn` is called. */
  write(chunk: Buffer): boolean
  end(): void
  stop(): void
}

type DecodingPorts = {
  readonly take: (piece: Buffer) => void
  readonly goOn: () => void
  readonly done: () => void
  readonly refuse: (error: unknown) => void
}

function collect(
  request: IncomingMessage,
  { limits, share, take }: BodyReading,
  openDecoding: (ports: DecodingPorts) => Decoding,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = openCount(limits)
    const decoded = openCount(limits)
    const refuse = (error: unknown) => {
      finish()
      reject(error)
    }
    const decoding = openDecoding({
      take: (piece) => {
        decoded.add(piece)
        if (!share.take(piece.length)) throw noRoom()
        take(piece)
      },
      goOn: () => request.resume(),
      done: () => {
        finish()
        resolve()
      },
      refuse,
    })
    const onData = (chunk: Buffer) => {
      try {
        sent.add(chunk)
        if (!decoding.write(chunk)) request.pause()
      } catch (error) {
        refuse(error)
      }
    }
    const onEnd = () => decoding.end()
    const onCut = () => {
      if (!request.readableEnded)
        refuse(refusal('BODY_INCOMPLETE', 'the body ended before it was whole'))
    }
    const timer = setTimeout(() => {
      refuse(refusal('BODY_TOO_SLOW', `no whole body within ${limits.bodyDeadlineMs} ms`))
    }, limits.bodyDeadlineMs)

    function finish() {
      clearTimeout(timer)
      decoding.stop()
      request.off('data', onData).off('end', onEnd).off('close', onCut)
    }
    request.on('error', () => {}) // told by `close`
    if (request.destroyed) return onCut()
    request.on('data', onData).on('end', onEnd).on('close', onCut)
  })
}

function openPlain({ take, done }: DecodingPorts): Decoding {
  return {
    write: (chunk) => {
      take(chunk)
      return true
    },
    end: done,
    stop: () => {},
  }
}

function openGunzip({ take, goOn, done, refuse }: DecodingPorts): Decoding {
  const gunzip = createGunzip()
  gunzip.on('data', (piece: Buffer) => {
    try {
      take(piece)
    } catch (error) {
      refuse(error)
    }
  })
  gunzip.on('drain', goOn).on('end', done)
  gunzip.on('error', () => refuse(refusal('BODY_INCOMPLETE', 'the body is no whole gzip')))
  return {
    write: (chunk) => gunzip.write(chunk),
    end: () => gunzip.end(),
    stop: () => {
      // What is still on its way out of it is nobody's any more.
      gunzip.removeAllListeners('data').destroy()
    },
  }
}

/** Counts bytes as sent and as decoded: an endless gzip of nothing is too large as well. */
function openCount(limits: BodyLimits) {
  let byteCount = 0
  return {
    add: ({ length }: Buffer) => {
      byteCount += length
      if (byteCount > limits.bodyBytesMax) throw tooLarge(limits)
    },
  }
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
