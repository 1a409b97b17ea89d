import type { XmlElement } from '../../base/xml.ts'
import type { Contribution } from './contribution.ts'
import { childrenOf, placeOf, type Source, textOf, wordOf } from './source.ts'

/** Reads a `<CustomLabels>`: the texts that formulas call `$Label`. One without a name is told and left out. */
export function readLabels(source: Source, root: XmlElement): Contribution {
  const labels = childrenOf(root, 'labels').flatMap((child) => {
    const place = placeOf(source, child)
    const name = wordOf(child, 'fullName')
    if (name !== null) return [{ name, text: textOf(child, 'value') ?? '', place }]
    source.report(place, 'LABEL_INVALID', 'a label needs a <fullName>: it is left out')
    return []
  })
  return { labels }
}
