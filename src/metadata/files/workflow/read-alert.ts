import type { XmlElement } from '../../../base/xml.ts'
import type {
  AlertRecipient,
  EmailAlert,
  SenderType,
} from '../../../mail/definitions/email-alert.ts'
import {
  booleanOf,
  childrenOf,
  placeOf,
  reportUnknown,
  type Source,
  textOf,
  wordOf,
} from '../source.ts'

const SENDER_TYPES: readonly SenderType[] = [
  'CurrentUser',
  'OrgWideEmailAddress',
  'DefaultWorkflowUser',
]

const ALERT_ELEMENTS: ReadonlySet<string> = new Set([
  'fullName',
  'ccEmails',
  'description',
  'protected',
  'recipients',
  'senderAddress',
  'senderType',
  'template',
])

/** Reads an `<alerts>` element: one e-mail alert, or none when it has no name. */
export function readAlert(
  source: Source,
  objectName: string,
  element: XmlElement,
): readonly EmailAlert[] {
  reportUnknown(source, element, ALERT_ELEMENTS)
  const place = placeOf(source, element)
  const fullName = wordOf(element, 'fullName')
  if (fullName === null) {
    source.report(place, 'ACTION_INVALID', 'expected <fullName>, found none: it is left out')
    return []
  }
  const written = wordOf(element, 'senderType')
  return [
    {
      kind: 'alert',
      objectName,
      fullName,
      description: textOf(element, 'description'),
      ccEmails: childrenOf(element, 'ccEmails').flatMap(({ text }) => text.trim() || []),
      recipients: childrenOf(element, 'recipients').map(recipientOf),
      senderType: SENDER_TYPES.find((known) => known === written) ?? 'CurrentUser',
      senderAddress: wordOf(element, 'senderAddress'),
      template: wordOf(element, 'template') ?? '',
      isProtected: booleanOf(element, 'protected') ?? false,
      place,
    },
  ]
}

function recipientOf(element: XmlElement): AlertRecipient {
  return {
    type: wordOf(element, 'type') ?? '',
    recipient: wordOf(element, 'recipient'),
    field: wordOf(element, 'field'),
  }
}
