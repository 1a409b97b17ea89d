import { parseXmlTree, type XmlElement, XmlError } from '../../base/xml.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { OUTBOUND_NAMESPACE, SOBJECT_NAMESPACE, XSD_NAMESPACE } from '../envelope.ts'
import { quoted } from '../envelope-error.ts'
import { type FieldList, isSameName, LISTED_FIELDS_MAX, type ListedField } from './field-list.ts'

const WSDL_NAMESPACE = 'http://schemas.xmlsoap.org/wsdl/'
const METADATA_NAMESPACE = 'http://soap.sforce.com/2006/04/metadata'

/** An object's or a field's API name, of a managed package's too. */
const API_NAME = /^[A-Za-z]\w{0,99}$/
const TYPE_NAME = /^[A-Za-z][\w.-]{0,39}$/

/** A file that no field list can be read from. */
export class FieldListError extends Error {
  override readonly name = 'FieldListError'
  readonly errorCode: 'FIELD_LIST_UNREADABLE' | 'FIELD_LIST_AMBIGUOUS'

  constructor(errorCode: FieldListError['errorCode'], message: string) {
    super(message)
    this.errorCode = errorCode
  }
}

/** What the file itself may not say. */
export type FieldListHints = {
  /** The object of a workflow file, which does not name it; of a WSDL, what it must be of. */
  readonly objectName: string | null
  /** Which outbound message of a workflow file. */
  readonly messageName: string | null
  readonly actionId: RecordId | null
}

/**
 * Reads which fields an outbound message sends: from its WSDL, with their types, or from a workflow file
 * (`Account.workflow-meta.xml`), names alone. Throws `FieldListError`.
 */
export function readFieldList(text: string, hints: FieldListHints): FieldList {
  const root = treeOf(text)
  const read = readers.get(`${root.uri} ${root.local}`)
  if (!read) {
    throw unreadable(
      `expected an outbound message’s WSDL or a workflow file, found the element ${quoted(root.local)}`,
    )
  }
  const { objectName, fields } = read(root, hints)
  if (!API_NAME.test(objectName)) throw unreadable(`${quoted(objectName)} is no object’s API name`)
  return { objectName, actionId: hints.actionId, fields: inOrder(fields) }
}

type Reading = Pick<FieldList, 'objectName' | 'fields'>

const readers: ReadonlyMap<string, (root: XmlElement, hints: FieldListHints) => Reading> = new Map([
  [`${WSDL_NAMESPACE} definitions`, readWsdl],
  [`${METADATA_NAMESPACE} Workflow`, readWorkflow],
])

function treeOf(text: string): XmlElement {
  try {
    return parseXmlTree(text)
  } catch (error) {
    if (error instanceof XmlError) throw unreadable(error.message)
    throw error
  }
}

/** The type of a Notification’s sObject is the object; the elements of that type are the fields. */
function readWsdl(root: XmlElement, hints: FieldListHints): Reading {
  const schemas = below(root, (each) => each.uri === XSD_NAMESPACE && each.local === 'schema')
  const ofNamespace = (uri: string) =>
    schemas.filter((each) => plain(each, 'targetNamespace') === uri)
  const sObject = ofNamespace(OUTBOUND_NAMESPACE)
    .flatMap((schema) => below(schema, isElementNamed('sObject')))
    .at(0)
  if (!sObject) throw unreadable('the WSDL describes no Notification with an sObject')

  const objectName = localOf(plain(sObject, 'type') ?? '')
  if (hints.objectName !== null && !isSameName(hints.objectName, objectName)) {
    throw unreadable(`the WSDL is of ${quoted(objectName)}, not of ${quoted(hints.objectName)}`)
  }
  const type = ofNamespace(SOBJECT_NAMESPACE)
    .flatMap((schema) => schema.children)
    .find((each) => each.local === 'complexType' && plain(each, 'name') === objectName)
  if (!type) throw unreadable(`the WSDL does not describe the type ${quoted(objectName)}`)
  const fields = below(type, (each) => each.uri === XSD_NAMESPACE && each.local === 'element')
  return {
    objectName,
    fields: fields.map((field) => ({
      name: plain(field, 'name') ?? '',
      type: typeNameOf(plain(field, 'type') ?? ''),
    })),
  }
}

function typeNameOf(type: string): string | null {
  const local = localOf(type)
  return TYPE_NAME.test(local) ? local : null
}

function readWorkflow(root: XmlElement, hints: FieldListHints): Reading {
  if (hints.objectName === null) {
    throw new FieldListError(
      'FIELD_LIST_AMBIGUOUS',
      'a workflow file does not say of which object it is: name the object',
    )
  }
  const messages = root.children.filter(({ local }) => local === 'outboundMessages')
  const wanted = messages.filter(
    (each) => hints.messageName === null || textOf(each, 'fullName') === hints.messageName,
  )
  const [only, another] = wanted
  const names = messages.map((each) => textOf(each, 'fullName')).join(', ')
  if (!only) {
    const what = hints.messageName === null ? '' : ` ${quoted(hints.messageName)}`
    throw unreadable(
      `the workflow file has no outbound message${what}${names === '' ? '' : `: it has ${names.slice(0, 300)}`}`,
    )
  }
  if (another) {
    throw new FieldListError(
      'FIELD_LIST_AMBIGUOUS',
      `the workflow file has several outbound messages: name one of ${names.slice(0, 300)}`,
    )
  }
  const fields = only.children.filter(({ local }) => local === 'fields')
  return {
    objectName: hints.objectName,
    fields: fields.map(({ text }) => ({ name: text.trim(), type: null })),
  }
}

/** In the order in which they are sent, each once, without `Id`, which a record always has. */
function inOrder(fields: readonly ListedField[]): readonly ListedField[] {
  const byName = new Map(fields.map((field) => [field.name, field]))
  byName.delete('Id')
  for (const name of byName.keys()) {
    if (!API_NAME.test(name)) throw unreadable(`${quoted(name)} is no field’s API name`)
  }
  if (byName.size > LISTED_FIELDS_MAX) {
    throw unreadable(`expected at most ${LISTED_FIELDS_MAX} fields, found ${byName.size}`)
  }
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** The innermost matches are found too; the tree's depth is bounded by its reader. */
function below(
  element: XmlElement,
  isWanted: (element: XmlElement) => boolean,
): readonly XmlElement[] {
  return element.children.flatMap((child) => [
    ...(isWanted(child) ? [child] : []),
    ...below(child, isWanted),
  ])
}

function isElementNamed(name: string) {
  return (each: XmlElement) =>
    each.uri === XSD_NAMESPACE && each.local === 'element' && plain(each, 'name') === name
}

/** The value of an attribute without a prefix. */
function plain(element: XmlElement, name: string): string | undefined {
  return element.attributes.get(name)?.value
}

function textOf(element: XmlElement, local: string): string {
  return element.children.find((child) => child.local === local)?.text.trim() ?? ''
}

function localOf(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function unreadable(message: string): FieldListError {
  return new FieldListError('FIELD_LIST_UNREADABLE', message)
}
