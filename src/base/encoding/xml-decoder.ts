import { isUtf8 } from 'node:buffer'
import { XmlError } from '../xml.ts'

/** Turns the bytes of one document into text as they come, in pieces of any size. Throws `XmlError` XML_ENCODING. */
export type XmlDecoder = {
  write(bytes: Uint8Array): string
  /** What was held back; a character that is cut off is refused. */
  end(): string
}

type Coding = 'utf-8' | 'utf-16le' | 'utf-16be' | { readonly asciiOnly: string }

/** So many bytes show a mark and an XML declaration's encoding. */
const SNIFFED_BYTES = 256

const DECLARED = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]{1,40})/

/**
 * UTF-8, or UTF-16 by its mark or by its look; the mark is dropped. `charset` (of a Content-Type) goes before what the
 * document declares. Under any other encoding's name only ASCII is taken, so that no character is silently another.
 */
export function openXmlDecoder(charset: string | null = null): XmlDecoder {
  let head: Buffer | null = Buffer.alloc(0)
  let decode: ((bytes: Buffer, isLast: boolean) => string) | null = null

  const feed = (bytes: Buffer, isLast: boolean): string => {
    if (decode) return decode(bytes, isLast)
    head = head && head.length > 0 ? Buffer.concat([head, bytes]) : bytes
    if (head.length < SNIFFED_BYTES && !isLast) return ''
    const [whole, { coding, markLength }] = [head, codingOf(head, charset)]
    head = null
    decode = openDecoding(coding)
    return decode(whole.subarray(markLength), isLast)
  }
  return {
    write: (bytes) => feed(bufferOf(bytes), false),
    end: () => feed(Buffer.alloc(0), true),
  }
}

/** The same for a whole document. */
export function decodeXml(bytes: Uint8Array, charset: string | null = null): string {
  const whole = bufferOf(bytes)
  const { coding, markLength } = codingOf(whole, charset)
  return openDecoding(coding)(whole.subarray(markLength), true)
}

function codingOf(
  bytes: Buffer,
  charset: string | null,
): { readonly coding: Coding; readonly markLength: number } {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return { coding: 'utf-8', markLength: 3 }
  if (first === 0xff && second === 0xfe) return { coding: 'utf-16le', markLength: 2 }
  if (first === 0xfe && second === 0xff) return { coding: 'utf-16be', markLength: 2 }
  // A document starts with `<` or white space: half of that is zero in UTF-16.
  if (bytes.length > 1 && second === 0) return { coding: 'utf-16le', markLength: 0 }
  if (bytes.length > 1 && first === 0) return { coding: 'utf-16be', markLength: 0 }
  const named = charset ?? DECLARED.exec(bytes.toString('latin1', 0, SNIFFED_BYTES))?.[1] ?? 'utf-8'
  // What calls itself UTF-16 and is not is UTF-8: a habit of .NET's string writers.
  const isUnicode = /^(utf-?8|utf-?16(le|be)?|us-ascii|ascii)$/i.test(named)
  return { coding: isUnicode ? 'utf-8' : { asciiOnly: named }, markLength: 0 }
}

function openDecoding(coding: Coding): (bytes: Buffer, isLast: boolean) => string {
  if (coding === 'utf-8')
    return openUtf8(isUtf8, 'expected UTF-8, found bytes that are not: save it as UTF-8')
  if (typeof coding === 'object') {
    return openUtf8(
      isAscii,
      `${JSON.stringify(coding.asciiOnly)} is read as long as all is ASCII, and this is not: save it as UTF-8`,
    )
  }
  const decoder = new TextDecoder(coding, { fatal: true, ignoreBOM: true })
  return (bytes, isLast) => {
    try {
      return decoder.decode(bytes, { stream: !isLast })
    } catch {
      throw new XmlError('XML_ENCODING', `expected ${coding}, found bytes that are not`)
    }
  }
}

/** A character that is cut in two waits for its other half. */
function openUtf8(isRight: (bytes: Buffer) => boolean, refusal: string) {
  let kept: Buffer = Buffer.alloc(0)
  return (bytes: Buffer, isLast: boolean): string => {
    const all = kept.length > 0 ? Buffer.concat([kept, bytes]) : bytes
    const end = isLast ? all.length : all.length - cutLength(all)
    kept = all.subarray(end)
    const whole = all.subarray(0, end)
    if (!isRight(whole)) throw new XmlError('XML_ENCODING', refusal)
    return whole.toString('utf8')
  }
}

/** How many of the last bytes are the beginning of a character. */
function cutLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
