import type { XmlElement } from '../../base/xml.ts'
import type { SourcePlace } from '../../schema/object-definition.ts'
import type { Report } from '../problem.ts'

/** A file being read: where it is, and where its problems go. */
export type Source = { readonly file: string; readonly report: Report }

/** Where `element` stands. */
export function placeOf(source: Source, element: XmlElement): SourcePlace {
  return { file: source.file, line: element.line }
}

/** The children called `name`, in order. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.local === name)
}

/** The first child called `name`. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.local === name)
}

/** The text of the child `name` exactly as written; null when it is absent or empty. */
export function textOf(element: XmlElement, name: string): string | null {
  return childOf(element, name)?.text || null
}

/**
 * The text of the child `name` without blanks around it: for names, enums and numbers, not
 * for values, where a U+00A0 may be meant.
 */
export function wordOf(element: XmlElement, name: string): string | null {
  return textOf(element, name)?.trim() || null
}

/** True when the child `name` says so; null when it is absent. */
export function booleanOf(element: XmlElement, name: string): boolean | null {
  const word = wordOf(element, name)
  return word === null ? null : word.toLowerCase() === 'true'
}

/** The whole number in the child `name`; null when it is absent or no such number. */
export function intOf(element: XmlElement, name: string): number | null {
  const word = wordOf(element, name)
  return word !== null && /^[+-]?\d{1,9}$/.test(word) ? Number(word) : null
}

/** Tells of children whose names are not in `known`. */
export function reportUnknown(
  source: Source,
  element: XmlElement,
  known: ReadonlySet<string>,
): void {
  for (const child of element.children) {
    if (known.has(child.local)) continue
    const message = `<${child.local}> is not known inside <${element.local}>: it has no effect here`
    source.report(placeOf(source, child), 'ELEMENT_UNKNOWN', message)
  }
}
