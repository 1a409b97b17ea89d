import { attributeOf, readXml, type XmlTag, type XmlVisitor } from '../../../base/xml.ts'
import { ApiError } from '../../api-error.ts'

/** An element of a request by its local name: clients agree on neither prefixes nor namespaces. */
export type SoapElement = {
  readonly local: string
  readonly isNil: boolean
  /** Local name of `xsi:type`, or null. */
  readonly type: string | null
  readonly text: string
  readonly children: readonly SoapElement[]
}

/** 200 records with some 500 fields each; a request with more elements is refused. */
export const SOAP_ELEMENTS_MAX = 120_000
/** Envelope, Body, call, record, parent, field: nothing of Salesforce's goes deeper than ten. */
const SOAP_DEPTH_MAX = 20

const XSI = 'http://www.w3.org/2001/XMLSchema-instance'

/** Reads a document into a tree, bounded in depth and elements. Throws XmlError or ApiError. */
export function readSoapTree(text: string): SoapElement {
  return readTree(text, null)
}

/** Reads only what comes before the first element named `local`, so that a long document costs nothing. */
export function readSoapTreeUntil(text: string, local: string): SoapElement {
  return readTree(text, local)
}

/** Thrown through the reader to end it early. */
const ENOUGH = new Error('enough was read')

function readTree(text: string, until: string | null): SoapElement {
  type Growing = { -readonly [Key in keyof SoapElement]: SoapElement[Key] } & {
    children: Growing[]
  }
  const open: Growing[] = []
  const roots: Growing[] = []
  let count = 0
  const visitor: XmlVisitor = {
    open(tag) {
      if (tag.local === until) throw ENOUGH
      count += 1
      if (count > SOAP_ELEMENTS_MAX) throw tooMany()
      const element = { ...factsOf(tag), text: '', children: [] }
      const parent = open.at(-1)
      if (parent) parent.children.push(element)
      else roots.push(element)
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
  try {
    readXml(text, visitor, { maxDepth: SOAP_DEPTH_MAX })
  } catch (error) {
    if (error !== ENOUGH) throw error
  }
  const [root] = roots
  if (!root) throw new ApiError(500, 'INVALID_SOAP', 'expected a SOAP 1.1 Envelope')
  return root
}

/** The first child of that local name. */
export function childOf(element: SoapElement | undefined, local: string): SoapElement | undefined {
  return element?.children.find((child) => child.local === local)
}

/** All children of that local name, in order. */
export function childrenOf(element: SoapElement, local: string): readonly SoapElement[] {
  return element.children.filter((child) => child.local === local)
}

/** The text of the first child of that name, without blanks around it; null when it is missing or nil. */
export function childText(element: SoapElement | undefined, local: string): string | null {
  const child = childOf(element, local)
  return child && !child.isNil ? child.text.trim() : null
}

function factsOf(tag: XmlTag): Pick<SoapElement, 'local' | 'isNil' | 'type'> {
  if (tag.attributes.size === 0) return { local: tag.local, isNil: false, type: null }
  const nil = attributeOf(tag, XSI, 'nil')?.trim()
  const type = attributeOf(tag, XSI, 'type')?.trim()
  return {
    local: tag.local,
    isNil: nil === 'true' || nil === '1',
    type: type === undefined ? null : type.slice(type.indexOf(':') + 1),
  }
}

function tooMany(): ApiError {
  return new ApiError(
    500,
    'EXCEEDED_MAX_SIZE_REQUEST',
    `the request has more than ${SOAP_ELEMENTS_MAX} elements: send it in parts`,
  )
}
