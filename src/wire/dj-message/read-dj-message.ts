import { readXml, XmlError } from '../../base/xml.ts'
import type { Envelope } from '../envelope.ts'
import { EnvelopeError } from '../envelope-error.ts'
import { finishReading, startReading } from '../envelope-reading.ts'
import { closeTag, openTag, readText } from '../envelope-walk.ts'

/** Reads a DJMessage's body back. Null: it is no outbound message's, but something that somebody else made. */
export function readDjMessage(body: string): Envelope | null {
  const reading = startReading('body')
  try {
    readXml(body, {
      open: (tag) => openTag(reading, tag),
      text: (piece) => readText(reading, piece),
      close: () => closeTag(reading),
    })
    return finishReading(reading)
  } catch (error) {
    if (error instanceof EnvelopeError || error instanceof XmlError) return null
    throw error
  }
}
