import { promisify } from 'node:util'
import { gunzip, inflate, inflateRaw } from 'node:zlib'
import { HttpFailure } from '../http-reply.ts'

const unpackGzip = promisify(gunzip)
const unpackZlib = promisify(inflate)
const unpackRaw = promisify(inflateRaw)

/**
 * The body behind `content-encoding`: gzip, deflate (with or without zlib's frame), or none. Unpacking stops at
 * `maxBytes`. Rejects with `HttpFailure` for what is larger or not packed as it says.
 */
export async function unpackBody(
  body: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const name = (encoding ?? '').trim().toLowerCase()
  if (name === '' || name === 'identity' || body.length === 0) return body
  try {
    if (name === 'gzip' || name === 'x-gzip') {
      return await unpackGzip(body, { maxOutputLength: maxBytes })
    }
    if (name === 'deflate') {
      // Many send raw deflate under this name; zlib's frame starts with a byte whose low half is 8.
      const unpack = ((body[0] ?? 0) & 0x0f) === 8 ? unpackZlib : unpackRaw
      return await unpack(body, { maxOutputLength: maxBytes })
    }
  } catch (error) {
    throw unpackFailure(error, maxBytes)
  }
  throw new HttpFailure(
    'BAD_PACKING',
    `the answer is packed in a way that was not asked for: ${name.slice(0, 40)}`,
  )
}

function unpackFailure(error: unknown, maxBytes: number): HttpFailure {
  const isTooLarge = error instanceof RangeError
  return isTooLarge
    ? new HttpFailure('ANSWER_TOO_LARGE', `the unpacked answer is larger than ${maxBytes} bytes`)
    : new HttpFailure('BAD_PACKING', 'the answer is not packed as its content-encoding says')
}
