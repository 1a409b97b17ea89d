import { createRequire } from 'node:module'

/** What is used of a DOM. The library's own types bring those of browsers, which contradict Node's. */
type Element = {
  readonly nodeType: number
  readonly localName: string | null
  readonly namespaceURI: string | null
  readonly textContent: string | null
  readonly childNodes: ArrayLike<Element>
  getAttributeNS(uri: string, name: string): string | null
}

type Dom = {
  readonly DOMParser: new (options: {
    readonly errorHandler: Readonly<Record<string, (message: string) => void>>
  }) => {
    parseFromString(text: string, type: string): { readonly documentElement: Element | null }
  }
}

const { DOMParser } = createRequire(import.meta.url)('@xmldom/xmldom') as Dom

/** A field as a second reader finds it, with nothing of ours in between. */
export type DomField = { readonly name: string; readonly value: string; readonly nil: boolean }

/** What another XML reader sees of an outbound message: each Notification's id and its record's fields. */
export type DomNotification = {
  readonly id: string
  readonly fields: readonly DomField[]
}

const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound'
const XSI = 'http://www.w3.org/2001/XMLSchema-instance'
const FIELDS = ['urn:sobject.enterprise.soap.sforce.com', 'urn:sobject.partner.soap.sforce.com']

/** Reads a message with a DOM of other people's making. Throws what that throws. */
export function readWithDom(text: string): readonly DomNotification[] {
  const fail = (message: string) => {
    throw new Error(message)
  }
  const parser = new DOMParser({ errorHandler: { error: fail, fatalError: fail } })
  const document = parser.parseFromString(text.replace(/^\uFEFF?\s*/, ''), 'text/xml')
  return elementsOf(bodyOf(document.documentElement))
    .filter((each) => each.localName === 'Notification' && each.namespaceURI === OUTBOUND)
    .map((notification) => {
      const parts = elementsOf(notification).filter((each) => each.namespaceURI === OUTBOUND)
      const id = parts.find((each) => each.localName === 'Id')?.textContent ?? ''
      const record = parts.find((each) => each.localName === 'sObject')
      return { id: id.trim(), fields: record ? fieldsOf(record) : [] }
    })
}

/** The notifications element. */
function bodyOf(envelope: Element | null): Element | null {
  const body = elementsOf(envelope).find((each) => each.localName === 'Body')
  return (
    elementsOf(body ?? null).find(
      (each) => each.localName === 'notifications' && each.namespaceURI === OUTBOUND,
    ) ?? null
  )
}

function fieldsOf(record: Element): readonly DomField[] {
  return elementsOf(record)
    .filter((each) => FIELDS.includes(each.namespaceURI ?? '') && each.localName !== 'Id')
    .map((each) => ({
      name: each.localName ?? '',
      value: each.textContent ?? '',
      nil: ['true', '1'].includes(each.getAttributeNS(XSI, 'nil')?.trim() ?? ''),
    }))
}

function elementsOf(parent: Element | null): readonly Element[] {
  return Array.from(parent?.childNodes ?? []).filter(({ nodeType }) => nodeType === 1)
}
