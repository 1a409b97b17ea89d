import { isUtf8 } from 'node:buffer'
import { remembered } from '../base/cache/remembered.ts'
import { readXml, XmlError, type XmlTag } from '../base/xml.ts'
import { OUTBOUND_NAMESPACE, SOAP_12_NAMESPACE, SOAP_NAMESPACE } from './envelope.ts'

/** What a listener's answer says, before anybody decides what it means. */
export type ReplyReading =
  /** Not XML, or XML that is no SOAP envelope with a body. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | {
      readonly kind: 'soap'
      /** Null when there is no fault, `''` when it says nothing. Cut to `REASON_MAX`. */
      readonly faultstring: string | null
      /** Texts of the elements named Ack in the body, whatever their namespace; exact. */
      readonly acks: readonly string[]
      readonly tolerances: readonly string[]
    }

/** Characters of a listener's text that are kept as a reason. */
export const REASON_MAX = 1000

/** Xerces's words for a body that is not XML, as Salesforce shows them. */
export const PROLOG_REASON =
  'org.xml.sax.SAXParseException; lineNumber: 1; columnNumber: 1; Content is not allowed in prolog.'

/** Reads an answer: `Ack` and `faultstring` by local name anywhere in the SOAP body. Never throws. */
export function readReply(body: string | Uint8Array): ReplyReading {
  return readReplyText(typeof body === 'string' ? body : decodeReply(body))
}

/** Listeners say the same again and again. */
const readReplyText = remembered(readText, { countMax: 100, lengthMax: 1000 })

function readText(text: string): ReplyReading {
  const start = /^\uFEFF?[ \t\r\n]*/.exec(text)?.[0] ?? ''
  const xml = text.slice(start.length)
  if (!xml.startsWith('<') || /^<(!doctype|html)\b/i.test(xml)) {
    return { kind: 'unreadable', reason: PROLOG_REASON }
  }
  const walk = startWalk()
  if (start.startsWith('\uFEFF')) walk.tolerances.push('byte order mark')
  if (/[ \t\r\n]$/.test(start)) walk.tolerances.push('leading white space')
  try {
    readXml(xml, {
      open: (tag) => openTag(walk, tag),
      text: (piece) => {
        // A cap, since only the start of a long text is ever shown.
        if (walk.text !== null && walk.text.length <= REASON_MAX) walk.text += piece
      },
      close: () => closeTag(walk),
    })
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    return { kind: 'unreadable', reason: parseReason(error) }
  }
  if (!walk.bodySeen)
    return { kind: 'unreadable', reason: 'The answer is no SOAP envelope with a body' }
  const { acks, tolerances, faultstring } = walk
  return { kind: 'soap', acks, tolerances, faultstring }
}

/** Bytes that are not UTF-8 still have ASCII names, which is all that matters here. */
function decodeReply(bytes: Uint8Array): string {
  const [first, second] = bytes
  // By its mark, or by the `<` that a document without a mark begins with.
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) {
    return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(bytes)
  }
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) {
    return new TextDecoder('utf-16be', { ignoreBOM: true }).decode(bytes)
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}

function parseReason({ line, column, message }: XmlError): string {
  const words = message.replace(/^line \d+, column \d+: /, '').slice(0, REASON_MAX)
  return `org.xml.sax.SAXParseException; lineNumber: ${line}; columnNumber: ${column}; ${words}`
}

type Walk = {
  depth: number
  rootIsEnvelope: boolean
  bodySeen: boolean
  inBody: boolean
  faultDepth: number
  /** The text being read, or null outside the elements that matter. */
  text: string | null
  textDepth: number
  faultstring: string | null
  readonly acks: string[]
  readonly tolerances: string[]
}

function startWalk(): Walk {
  return {
    depth: 0,
    rootIsEnvelope: false,
    bodySeen: false,
    inBody: false,
    faultDepth: 0,
    text: null,
    textDepth: 0,
    faultstring: null,
    acks: [],
    tolerances: [],
  }
}

function isSoap(uri: string): boolean {
  return uri === SOAP_NAMESPACE || uri === SOAP_12_NAMESPACE
}

function openTag(walk: Walk, tag: XmlTag): void {
  walk.depth += 1
  const { local, uri } = tag
  if (walk.depth === 1) {
    walk.rootIsEnvelope = local === 'Envelope' && isSoap(uri)
    if (uri === SOAP_12_NAMESPACE) walk.tolerances.push('SOAP 1.2 envelope')
  } else if (walk.depth === 2) {
    walk.inBody = walk.rootIsEnvelope && local === 'Body' && isSoap(uri)
    walk.bodySeen ||= walk.inBody
  } else if (walk.inBody) {
    openInBody(walk, tag)
  }
}

function openInBody(walk: Walk, { local, uri }: XmlTag): void {
  if (local === 'Fault' && (isSoap(uri) || walk.depth === 3)) {
    walk.faultDepth = walk.depth
    walk.faultstring ??= ''
  } else if (walk.faultDepth > 0 ? isFaultText(local) : local === 'Ack') {
    walk.text = ''
    walk.textDepth = walk.depth
  } else if (walk.depth === 3 && walk.tolerances.length < TOLERANCES_MAX) {
    if (local !== 'notificationsResponse') walk.tolerances.push(`element ${local.slice(0, 60)}`)
    else if (uri !== OUTBOUND_NAMESPACE) walk.tolerances.push('namespace of notificationsResponse')
  }
}

/** An answer of many strange elements is not told in full. */
const TOLERANCES_MAX = 8

/** `faultstring` in SOAP 1.1, `Reason/Text` in 1.2. */
function isFaultText(local: string): boolean {
  return local === 'faultstring' || local === 'Text'
}

function closeTag(walk: Walk): void {
  if (walk.text !== null && walk.textDepth === walk.depth) {
    if (walk.faultDepth > 0) walk.faultstring ||= walk.text.trim().slice(0, REASON_MAX)
    else walk.acks.push(walk.text)
    walk.text = null
  }
  if (walk.faultDepth === walk.depth) walk.faultDepth = 0
  if (walk.depth === 2) walk.inBody = false
  walk.depth -= 1
}
