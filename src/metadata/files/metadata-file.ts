import { decodePercent } from '../../base/decode-percent.ts'

type FileKind =
  | 'workflow'
  | 'workflowPart' // one definition of a decomposed workflow
  | 'object'
  | 'field'
  | 'recordType'
  | 'validationRule'
  | 'profile'
  | 'permissionSet'
  | 'role'
  | 'labels'
  | 'queue'
  | 'group'
  | 'emailTemplate'
  | 'emailBody' // of a template: no XML
  | 'globalValueSet'
  | 'standardValueSet'
  | 'flow' // counted, not read

/** What a file's path says about it. */
export type MetadataFile = {
  readonly kind: FileKind
  /** The file's name without its endings, percent-decoded: `Account`, `Sales Profile`. */
  readonly name: string
  /** The object whose folder the file is in; `''` where that means nothing. */
  readonly objectName: string
  /** The name of its kind in `<Workflow>`, as `rules`; `''` for what is no part of a workflow. */
  readonly element: string
  /** What its root element should be; null where that is not known. */
  readonly rootName: string | null
}

type Ending = {
  readonly kind: FileKind
  readonly rootName: string | null
  readonly element?: string
  /** The folder between an object's own folder and the file. */
  readonly below?: string
}

const ENDINGS: ReadonlyMap<string, Ending> = new Map<string, Ending>([
  ['workflow', { kind: 'workflow', rootName: 'Workflow' }],
  ['object', { kind: 'object', rootName: 'CustomObject' }],
  ['field', { kind: 'field', rootName: 'CustomField', below: 'fields' }],
  ['recordType', { kind: 'recordType', rootName: 'RecordType', below: 'recordTypes' }],
  [
    'validationRule',
    { kind: 'validationRule', rootName: 'ValidationRule', below: 'validationRules' },
  ],
  ['profile', { kind: 'profile', rootName: 'Profile' }],
  ['permissionset', { kind: 'permissionSet', rootName: 'PermissionSet' }],
  ['role', { kind: 'role', rootName: 'Role' }],
  ['labels', { kind: 'labels', rootName: 'CustomLabels' }],
  ['queue', { kind: 'queue', rootName: 'Queue' }],
  ['group', { kind: 'group', rootName: 'Group' }],
  ['globalValueSet', { kind: 'globalValueSet', rootName: 'GlobalValueSet' }],
  ['standardValueSet', { kind: 'standardValueSet', rootName: 'StandardValueSet' }],
  ['flow', { kind: 'flow', rootName: 'Flow' }],
  ['workflowRule', workflowPart('rules', 'workflowRules')],
  ['workflowFieldUpdate', workflowPart('fieldUpdates', 'workflowFieldUpdates')],
  ['workflowOutboundMessage', workflowPart('outboundMessages', 'workflowOutboundMessages')],
  ['workflowAlert', workflowPart('alerts', 'workflowAlerts')],
  ['workflowTask', workflowPart('tasks', 'workflowTasks')],
  ['workflowSend', workflowPart('send', 'workflowSends')],
  ['workflowFlowAction', workflowPart('flowActions', 'workflowFlowActions')],
  ['workflowKnowledgePublish', workflowPart('knowledgePublishes', 'workflowKnowledgePublishes')],
])

// No public sample shows the root element of a decomposed part.
function workflowPart(element: string, below: string): Ending {
  return { kind: 'workflowPart', rootName: null, element, below }
}

/**
 * Says what the file at `path` (forward slashes) is, in source format (`Account.workflow-meta.xml`) or
 * Metadata API format (`Account.workflow`); null for what is not read.
 */
export function metadataFileAt(path: string): MetadataFile | null {
  const folders = path.split('/')
  const fileName = folders.pop() ?? ''
  const match = /^(.+?)\.([A-Za-z]+)(-meta\.xml)?$/.exec(fileName)
  const [, name = '', ending = '', meta] = match ?? []
  if (ending === 'email') return emailFile(folders, name, meta !== undefined)
  const known = ENDINGS.get(ending)
  if (!known) return null
  return {
    kind: known.kind,
    name: decodePercent(name),
    objectName: known.below ? decodePercent(objectFolder(folders, known.below)) : '',
    element: known.element ?? '',
    rootName: known.rootName,
  }
}

/** A template is called `Folder/Name`, however deep its folder lies. */
function emailFile(folders: readonly string[], name: string, isMeta: boolean): MetadataFile {
  return {
    kind: isMeta ? 'emailTemplate' : 'emailBody',
    name: `${folders.at(-1) ?? ''}/${name}`,
    objectName: '',
    element: '',
    rootName: isMeta ? 'EmailTemplate' : null,
  }
}

/** `objects/Account/fields` belongs to Account; a file right in the object's folder does too. */
function objectFolder(folders: readonly string[], below: string): string {
  return (folders.at(-1) === below ? folders.at(-2) : folders.at(-1)) ?? ''
}
