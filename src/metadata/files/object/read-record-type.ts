import { decodePercent } from '../../../base/decode-percent.ts'
import type { XmlElement } from '../../../base/xml.ts'
import type {
  RecordType,
  RecordTypePicklist,
  SourcePlace,
} from '../../../schema/object-definition.ts'
import { booleanOf, childrenOf, placeOf, type Source, textOf, wordOf } from '../source.ts'

/** A record type with where it is written. */
export type PlacedRecordType = RecordType & { readonly place: SourcePlace }

/** Reads a `<RecordType>` or a `<recordTypes>` element; none when it has no name. */
export function readRecordType(source: Source, element: XmlElement): readonly PlacedRecordType[] {
  const developerName = wordOf(element, 'fullName')
  if (developerName === null) return []
  const place = placeOf(source, element)
  const label = textOf(element, 'label') ?? developerName
  const businessProcess = wordOf(element, 'businessProcess')
  if (businessProcess !== null) {
    const message = `record type ${developerName}: the business process ${businessProcess} does not narrow the values of its picklist here`
    source.report(place, 'NOT_EXECUTED', message)
  }
  const picklists = childrenOf(element, 'picklistValues').flatMap(readPicklist)
  return [
    {
      developerName,
      label,
      active: booleanOf(element, 'active') ?? true,
      ...(picklists.length > 0 ? { picklists } : {}),
      place,
    },
  ]
}

/** Values are percent-encoded there: `Closed %26 Won`. */
function readPicklist(element: XmlElement): readonly RecordTypePicklist[] {
  const field = wordOf(element, 'picklist')
  if (field === null) return []
  const values = childrenOf(element, 'values').flatMap((child) => {
    const written = textOf(child, 'fullName')
    if (written === null) return []
    return [{ value: decodePercent(written), isDefault: booleanOf(child, 'default') ?? false }]
  })
  return [
    {
      field,
      values: values.map(({ value }) => value),
      defaults: values.filter(({ isDefault }) => isDefault).map(({ value }) => value),
    },
  ]
}
