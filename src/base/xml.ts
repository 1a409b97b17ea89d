import { SaxesParser, type SaxesTagNS } from 'saxes'

export type XmlErrorCode = 'XML_MALFORMED' | 'XML_DOCTYPE' | 'XML_TOO_DEEP' | 'XML_ENCODING'

/** Text or bytes that are no XML we read. `line` and `column` count from 1; 0 where there is no place to name. */
export class XmlError extends Error {
  override readonly name = 'XmlError'
  readonly errorCode: XmlErrorCode
  readonly line: number
  readonly column: number

  constructor(errorCode: XmlErrorCode, message: string, place = { line: 0, column: 0 }) {
    super(place.line === 0 ? message : `line ${place.line}, column ${place.column}: ${message}`)
    this.errorCode = errorCode
    this.line = place.line
    this.column = place.column
  }
}

export type XmlAttribute = {
  readonly local: string
  /** Namespace; `''` for an attribute without a prefix. */
  readonly uri: string
  readonly value: string
}

/** A start tag. `line` is where the tag ends. */
export type XmlTag = {
  /** As written, with its prefix. */
  readonly name: string
  readonly local: string
  /** Namespace of the element, `''` when it has none. */
  readonly uri: string
  /** By name as written, in order; `xmlns` declarations included. */
  readonly attributes: ReadonlyMap<string, XmlAttribute>
  readonly line: number
}

/** What `readXml` tells, in document order. Text comes in pieces of any size, CDATA sections as text. */
export type XmlVisitor = {
  open(tag: XmlTag): void
  text?(piece: string): void
  /** Ends the innermost open element; a self-closing one too. */
  close(): void
}

export type XmlElement = XmlTag & {
  readonly children: readonly XmlElement[]
  /** The element's own text, not that of its children. */
  readonly text: string
}

/** Elements inside each other; reading takes time in the square of it where there are namespaces. */
export const XML_DEPTH_MAX = 100

/** Reads one document in the pieces it comes in. */
export type XmlReader = {
  /** What the visitor throws, and an `XmlError`, pass through; the reader is of no use then. */
  write(piece: string): void
  /** The document ends here; one that is not whole is refused. */
  end(): void
}

/**
 * Reads one XML 1.0 document strictly, in linear time, and tells `visitor` what it meets. A DOCTYPE and
 * anything malformed end it with an `XmlError`; what the visitor throws passes through.
 */
export function readXml(
  text: string,
  visitor: XmlVisitor,
  options: { maxDepth?: number } = {},
): void {
  const reader = openXmlReader(visitor, options)
  reader.write(withoutBom(text))
  reader.end()
}

/** The same, piece by piece; a byte order mark is not expected. */
export function openXmlReader(
  visitor: XmlVisitor,
  { maxDepth = XML_DEPTH_MAX }: { maxDepth?: number } = {},
): XmlReader {
  const parser = new SaxesParser({
    xmlns: true,
    position: false, // only stops it from writing places into messages; ours have them
    forceXMLVersion: true, // 1.1 would let control characters in
    defaultXMLVersion: '1.0',
  })
  const refuse = (code: XmlErrorCode, message: string) => {
    throw new XmlError(code, message, { line: parser.line, column: parser.column })
  }
  let depth = 0
  parser.on('error', (error) => refuse('XML_MALFORMED', error.message))
  parser.on('doctype', () => refuse('XML_DOCTYPE', 'a DOCTYPE is not allowed: take it out'))
  parser.on('opentag', (tag) => {
    depth += 1
    if (depth > maxDepth) {
      refuse('XML_TOO_DEEP', `elements inside each other are limited to ${maxDepth}`)
    }
    visitor.open(tagOf(tag, parser.line))
  })
  parser.on('closetag', () => {
    depth -= 1
    visitor.close()
  })
  const { text: tellText } = visitor
  if (tellText) {
    const tell = (piece: string) => {
      if (depth > 0) tellText.call(visitor, piece)
    }
    parser.on('text', tell)
    parser.on('cdata', tell)
  }
  return {
    write: (piece) => {
      parser.write(piece)
    },
    end: () => {
      parser.close()
    },
  }
}

/** Reads a whole document into a tree and answers its root. Throws `XmlError`. */
export function parseXmlTree(text: string, options: { maxDepth?: number } = {}): XmlElement {
  type Growing = XmlTag & { children: Growing[]; text: string }
  const open: Growing[] = []
  let root: Growing | null = null
  const visitor: XmlVisitor = {
    open(tag) {
      const element = { ...tag, children: [], text: '' }
      open.at(-1)?.children.push(element)
      root ??= element
      open.push(element)
    },
    text(piece) {
      const innermost = open.at(-1)
      if (innermost) innermost.text += piece
    },
    close() {
      open.pop()
    },
  }
  readXml(text, visitor, options)
  if (!root) throw new XmlError('XML_MALFORMED', 'expected a root element, found none')
  return root
}

/** The value of the attribute `local` in the namespace `uri`, whatever prefix was written. */
export function attributeOf(tag: XmlTag, uri: string, local: string): string | undefined {
  for (const attribute of tag.attributes.values()) {
    if (attribute.local === local && attribute.uri === uri) return attribute.value
  }
  return undefined
}

/** Text as it may stand between tags and in a quoted attribute. What XML 1.0 cannot hold becomes U+FFFD. */
export function escapeXmlText(value: string): string {
  return PLAIN.test(value) || !NEEDS_ESCAPE.test(value) ? value : value.replace(ESCAPED, escapeOf)
}

/** Most values: told in a third of the time that the whole of Unicode takes. */
const PLAIN = /^[ !#-%'-;=?-~]*$/

// A carriage return is written as a reference, else the reader turns it into a line feed.
const ILLEGAL = String.raw`[^\t\n\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]`
const NEEDS_ESCAPE = new RegExp(`[&<>"]|${ILLEGAL}`, 'u')
const ESCAPED = new RegExp(`[&<>"]|${ILLEGAL}`, 'gu')

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\r', '&#13;'],
])

function escapeOf(char: string): string {
  return ESCAPES.get(char) ?? '\uFFFD'
}

const NO_ATTRIBUTES: ReadonlyMap<string, XmlAttribute> = new Map()

function tagOf(tag: SaxesTagNS, line: number): XmlTag {
  const names = Object.keys(tag.attributes)
  const { name, local, uri } = tag
  if (names.length === 0) return { name, local, uri, attributes: NO_ATTRIBUTES, line }
  const attributes = new Map<string, XmlAttribute>()
  for (const key of names) {
    const attribute = tag.attributes[key]
    if (attribute) {
      attributes.set(key, {
        local: attribute.local,
        uri: attribute.uri,
        value: attribute.value,
      })
    }
  }
  return { name, local, uri, attributes, line }
}

function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
