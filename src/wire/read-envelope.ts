import { decodeXml, readXml, XmlError, type XmlErrorCode } from '../base/xml.ts'
import { type Envelope, OUTBOUND_NAMESPACE } from './envelope.ts'
import { EnvelopeError, type EnvelopeErrorCode, notAMessage } from './envelope-error.ts'
import { closeTag, idOf, openTag, type Reading, startReading } from './envelope-walk.ts'

/**
 * Reads one outbound message: strict XML, tolerant shape (any prefix, order and unknown extra elements; 15-
 * or 18-character ids). Bytes may be UTF-8 or UTF-16. Whatever else comes is an `EnvelopeError`.
 */
export function readEnvelope(message: string | Uint8Array): Envelope {
  const reading = startReading()
  try {
    const text = typeof message === 'string' ? message : decodeXml(message)
    readXml(text.replace(LEADING_SPACE, ''), {
      open: (tag) => openTag(reading, tag),
      text: (piece) => {
        if (reading.place === 'leaf' && reading.ignoredDepth === 0) reading.text += piece
      },
      close: () => closeTag(reading),
    })
  } catch (error) {
    if (error instanceof XmlError) throw new EnvelopeError(CODES[error.errorCode], error.message)
    throw error
  }
  return finishReading(reading)
}

/** White space before an XML declaration is fatal to a parser, and seen in the wild. */
const LEADING_SPACE = /^\uFEFF?[ \t\r\n]*/

const CODES: Readonly<Record<XmlErrorCode, EnvelopeErrorCode>> = {
  XML_MALFORMED: 'MALFORMED_XML',
  XML_DOCTYPE: 'DOCTYPE_REFUSED',
  XML_TOO_DEEP: 'TOO_DEEP',
  XML_ENCODING: 'MALFORMED_ENCODING',
}

function finishReading({ head, notifications, notificationsSeen }: Reading): Envelope {
  if (!notificationsSeen) {
    throw notAMessage(
      `expected notifications of ${OUTBOUND_NAMESPACE} in the SOAP body, found none`,
    )
  }
  const organizationId = idOf(
    head.get('OrganizationId') ?? '',
    'MISSING_ORGANIZATION_ID',
    'OrganizationId',
  )
  const actionId = idOf(head.get('ActionId') ?? '', 'MISSING_ACTION_ID', 'ActionId')
  if (notifications.length === 0) {
    throw new EnvelopeError(
      'NO_NOTIFICATIONS',
      'expected 1 to 100 Notification elements, found none',
    )
  }
  return {
    organizationId,
    actionId,
    sessionId: head.get('SessionId')?.trim() || null,
    enterpriseUrl: head.get('EnterpriseUrl')?.trim() || null,
    partnerUrl: head.get('PartnerUrl')?.trim() || null,
    notifications,
  }
}
