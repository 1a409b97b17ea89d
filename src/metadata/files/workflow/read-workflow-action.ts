import type { XmlElement } from '../../../base/xml.ts'
import type { OutboundMessage } from '../../../outbox/outbound-message.ts'
import type { FieldUpdate, FieldUpdateOperation } from '../../../rules/workflow-rule.ts'
import {
  booleanOf,
  childrenOf,
  placeOf,
  reportUnknown,
  type Source,
  textOf,
  wordOf,
} from '../source.ts'

const OPERATIONS: readonly FieldUpdateOperation[] = [
  'Literal',
  'Formula',
  'LookupValue',
  'Null',
  'NextValue',
  'PreviousValue',
]

const FIELD_UPDATE_ELEMENTS: ReadonlySet<string> = new Set([
  'fullName',
  'name',
  'description',
  'field',
  'targetObject',
  'operation',
  'literalValue',
  'formula',
  'lookupValue',
  'lookupValueType',
  'reevaluateOnChange',
  'notifyAssignee',
  'protected',
])

const OUTBOUND_MESSAGE_ELEMENTS: ReadonlySet<string> = new Set([
  'fullName',
  'name',
  'description',
  'apiVersion',
  'endpointUrl',
  'fields',
  'includeSessionId',
  'integrationUser',
  'protected',
  'useDeadLetterQueue',
])

/** Reads a `<fieldUpdates>` element: one field update, or none when it says too little. */
export function readFieldUpdate(
  source: Source,
  objectName: string,
  element: XmlElement,
): readonly FieldUpdate[] {
  reportUnknown(source, element, FIELD_UPDATE_ELEMENTS)
  const place = placeOf(source, element)
  const fullName = wordOf(element, 'fullName')
  const field = wordOf(element, 'field')
  const written = wordOf(element, 'operation')
  const operation = OPERATIONS.find((known) => known === written)
  if (fullName === null || field === null || !operation) {
    const expected = `<fullName>, <field> and an <operation> of ${OPERATIONS.join(', ')}`
    const message = `expected ${expected}, found ${fullName}, ${field}, ${written}: it is left out`
    source.report(place, 'ACTION_INVALID', message)
    return []
  }
  return [
    {
      kind: 'fieldUpdate',
      objectName,
      fullName,
      name: textOf(element, 'name') ?? fullName,
      field,
      targetObject: wordOf(element, 'targetObject'),
      operation,
      literalValue: textOf(element, 'literalValue'),
      formula: textOf(element, 'formula'),
      lookupValue: wordOf(element, 'lookupValue'),
      lookupValueType: wordOf(element, 'lookupValueType'),
      reevaluateOnChange: booleanOf(element, 'reevaluateOnChange') ?? false,
      notifyAssignee: booleanOf(element, 'notifyAssignee') ?? false,
      place,
    },
  ]
}

/** Reads an `<outboundMessages>` element: one outbound message, or none when it has no name. */
export function readOutboundMessage(
  source: Source,
  objectName: string,
  element: XmlElement,
): readonly OutboundMessage[] {
  reportUnknown(source, element, OUTBOUND_MESSAGE_ELEMENTS)
  const place = placeOf(source, element)
  const fullName = wordOf(element, 'fullName')
  if (fullName === null) {
    source.report(place, 'ACTION_INVALID', 'expected <fullName>, found none: it is left out')
    return []
  }
  return [
    {
      kind: 'outboundMessage',
      objectName,
      fullName,
      name: textOf(element, 'name') ?? fullName,
      description: textOf(element, 'description'),
      apiVersion: wordOf(element, 'apiVersion') ?? '',
      endpointUrl: wordOf(element, 'endpointUrl') ?? '',
      fields: childrenOf(element, 'fields').flatMap(({ text }) => text.trim() || []),
      includeSessionId: booleanOf(element, 'includeSessionId') ?? false,
      integrationUser: wordOf(element, 'integrationUser') ?? '',
      useDeadLetterQueue: booleanOf(element, 'useDeadLetterQueue') ?? false,
      isProtected: booleanOf(element, 'protected') ?? false,
      place,
    },
  ]
}
