import type { XmlElement } from '../../../base/xml.ts'
import type { TemplateType } from '../../../mail/definitions/email-template.ts'
import type { Contribution } from '../contribution.ts'
import { booleanOf, placeOf, type Source, textOf, wordOf } from '../source.ts'

const TYPES: readonly TemplateType[] = ['text', 'html', 'custom', 'visualforce']

/** Reads `X.email-meta.xml`: all of a template but its body, which the file `X.email` beside it is. */
export function readEmailTemplate(source: Source, key: string, root: XmlElement): Contribution {
  const place = placeOf(source, root)
  const written = wordOf(root, 'type')
  const templateType = TYPES.find((known) => known === written)
  if (!templateType) {
    const expected = `expected a <type> of ${TYPES.join(', ')}, found ${written}`
    source.report(place, 'TEMPLATE_INVALID', `${key}: ${expected}: it is left out`)
    return {}
  }
  return {
    emailTemplates: [
      {
        key,
        name: textOf(root, 'name') ?? key,
        templateType,
        subject: textOf(root, 'subject') ?? '',
        textOnly: textOf(root, 'textOnly'),
        isAvailable: booleanOf(root, 'available') ?? false,
        place,
      },
    ],
  }
}

/** Takes `X.email` as the body of its template. Its line ends are those of mail. */
export function readEmailBody(source: Source, key: string, text: string): Contribution {
  const body = text.replaceAll('\r\n', '\n')
  return { emailBodies: [{ key, body, place: { file: source.file, line: 1 } }] }
}
