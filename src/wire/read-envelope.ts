import { decodeXml, openXmlDecoder, type XmlDecoder } from '../base/encoding/xml-decoder.ts'
import { openXmlReader, XmlError, type XmlErrorCode, type XmlVisitor } from '../base/xml.ts'
import type { Envelope } from './envelope.ts'
import { EnvelopeError, type EnvelopeErrorCode } from './envelope-error.ts'
import { finishReading, startReading } from './envelope-reading.ts'
import { closeTag, openTag, readText } from './envelope-walk.ts'

/** Reads one outbound message in the pieces it arrives in; what is wrong with it is told as soon as it is there. */
export type EnvelopeReader = {
  /** Throws `EnvelopeError`, and is of no use then. */
  write(bytes: Uint8Array): void
  /** The message ends here. Throws `EnvelopeError`. */
  end(): Envelope
}

/**
 * Opens a reader of one outbound message: strict XML, tolerant shape (any prefix, order and unknown extra elements; 15-
 * or 18-character ids). `charset` is the Content-Type's, if it names one.
 */
export function openEnvelopeReader(charset: string | null = null): EnvelopeReader {
  const reading = startReading()
  const visitor: XmlVisitor = {
    open: (tag) => openTag(reading, tag),
    text: (piece) => readText(reading, piece),
    close: () => closeTag(reading),
  }
  const xml = openXmlReader(visitor)
  let isInside = false
  // Most messages are one piece: kept until there is a second, so that it is decoded in one go.
  let first: Uint8Array | null = null
  let decoder: XmlDecoder | null = null

  const feed = (text: string) => {
    const rest = isInside ? text : text.replace(LEADING_SPACE, '')
    if (rest === '') return
    isInside = true
    xml.write(rest)
  }
  return {
    write: (bytes) =>
      coded(() => {
        if (!decoder && first === null) {
          first = bytes
          return
        }
        if (!decoder) {
          decoder = openXmlDecoder(charset)
          feed(decoder.write(first ?? bytes))
          first = null
        }
        feed(decoder.write(bytes))
      }),
    end: () =>
      coded(() => {
        if (decoder) feed(decoder.end())
        else if (first !== null) feed(decodeXml(first, charset))
        xml.end()
        return finishReading(reading)
      }),
  }
}

/** Reads a whole message. Throws `EnvelopeError`. */
export function readEnvelope(message: string | Uint8Array): Envelope {
  const reader = openEnvelopeReader()
  reader.write(typeof message === 'string' ? Buffer.from(message) : message)
  return reader.end()
}

/** White space before an XML declaration is fatal to a parser, and seen in the wild. */
const LEADING_SPACE = /^\uFEFF?[ \t\r\n]*/

const CODES: Readonly<Record<XmlErrorCode, EnvelopeErrorCode>> = {
  XML_MALFORMED: 'MALFORMED_XML',
  XML_DOCTYPE: 'DOCTYPE_REFUSED',
  XML_TOO_DEEP: 'TOO_DEEP',
  XML_ENCODING: 'MALFORMED_ENCODING',
}

function coded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof XmlError) throw new EnvelopeError(CODES[error.errorCode], error.message)
    throw error
  }
}
