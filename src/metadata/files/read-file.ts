import { unreachable } from '../../base/unreachable.ts'
import { parseXmlTree, type XmlElement, XmlError } from '../../base/xml.ts'
import { isObjectName } from './api-name.ts'
import type { Contribution } from './contribution.ts'
import { readEmailBody, readEmailTemplate } from './email/read-email-template.ts'
import { readFlow } from './flow/read-flow.ts'
import type { MetadataFile } from './metadata-file.ts'
import { readValidationRule } from './object/read-validation-rule.ts'
import { readPicklistValues } from './read-field.ts'
import { readLabels } from './read-labels.ts'
import { readFieldFile, readObject, readRecordTypeFile } from './read-object.ts'
import { readGroup, readPermissionSet, readProfile, readQueue, readRole } from './read-people.ts'
import { placeOf, type Source } from './source.ts'
import { readWorkflow, readWorkflowPartFile } from './workflow/read-workflow.ts'

/** Reads the text of one file. What is no XML contributes nothing but a problem. */
export function readFile(source: Source, metadataFile: MetadataFile, text: string): Contribution {
  if (metadataFile.kind === 'emailBody') return readEmailBody(source, metadataFile.name, text)
  try {
    const root = parseXmlTree(text)
    checkRoot(source, metadataFile, root)
    if (!isNamed(source, metadataFile)) return {}
    return readRoot(source, metadataFile, root)
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    source.report({ file: source.file, line: error.line || 1 }, error.errorCode, error.message)
    return {}
  }
}

function readRoot(source: Source, metadataFile: MetadataFile, root: XmlElement): Contribution {
  const { kind, name, objectName } = metadataFile
  switch (kind) {
    case 'workflow':
      return readWorkflow(source, name, root)
    case 'workflowPart': {
      const { element } = metadataFile
      return readWorkflowPartFile(source, { objectName, element, fullName: name }, root)
    }
    case 'object':
      return readObject(source, name, root)
    case 'field':
      return readFieldFile(source, objectName, root)
    case 'recordType':
      return readRecordTypeFile(source, objectName, root)
    case 'validationRule':
      return { validationRules: readValidationRule(source, objectName, root) }
    case 'profile':
      return readProfile(source, name, root)
    case 'permissionSet':
      return readPermissionSet(source, name, root)
    case 'role':
      return readRole(source, name, root)
    case 'labels':
      return readLabels(source, root)
    case 'queue':
      return readQueue(source, name, root)
    case 'group':
      return readGroup(source, name, root)
    case 'emailTemplate':
      return readEmailTemplate(source, name, root)
    case 'globalValueSet':
    case 'standardValueSet':
      return readValueSet(source, name, root)
    case 'emailBody':
    case 'flow':
      return readFlow(source, name, root)
    default:
      return unreachable(kind)
  }
}

function readValueSet(source: Source, name: string, root: XmlElement): Contribution {
  const isStandard = root.local === 'StandardValueSet'
  const values = readPicklistValues(root, isStandard ? 'standardValue' : 'customValue')
  const scope = isStandard ? 'standard' : 'global'
  return { valueSets: [{ name, scope, values, place: placeOf(source, root) }] }
}

function isNamed(source: Source, { kind, name, objectName }: MetadataFile): boolean {
  const isObject = kind === 'workflow' || kind === 'object'
  const concerned = isObject ? name : objectName
  if (concerned === '' || isObjectName(concerned)) return true
  const message = `expected the API name of an object in the path, found "${concerned}"`
  source.report({ file: source.file, line: 1 }, 'OBJECT_INVALID', message)
  return false
}

function checkRoot(source: Source, { rootName }: MetadataFile, root: XmlElement): void {
  if (rootName === null || rootName === root.local) return
  const message = `expected <${rootName}> as the root element, found <${root.local}>`
  source.report(placeOf(source, root), 'ROOT_UNEXPECTED', message)
}
