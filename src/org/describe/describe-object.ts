import type { ObjectDefinition } from '../../schema/object-definition.ts'
import type { RecordId } from '../../schema/record-id.ts'
import { referenceEnd } from '../../schema/reference-end.ts'
import type { Names } from '../formulas/named-records.ts'
import { knownUser } from '../known-names.ts'
import type { Org } from '../open-org.ts'
import type { OrgDefinitions } from '../org-definitions.ts'
import type { Permissions } from '../people/permissions.ts'
import { accessError } from '../save/record/setup-objects.ts'
import { readableFields } from '../soql/select-list.ts'
import { type Description, describeField } from './describe-field.ts'

/** Salesforce's DescribeSObjectResult without `urls`, as the user sees the object; undefined when there is none. */
export async function describeObject(
  org: Org,
  name: string,
  userId: RecordId,
): Promise<Description | undefined> {
  const { permissions } = await knownUser(org, userId)
  const definitions = await org.latest()
  const object = definitions.objectOf(name)
  if (!object) return undefined
  // Clients ask for all that is described here: what no record answers must not stand in it.
  const readable = readableFields(object).filter((field) =>
    permissions.mayRead(object.name, field.name),
  )
  return {
    ...describeBriefly(object, permissions),
    actionOverrides: [],
    childRelationships: childRelationships(object, definitions),
    compactLayoutable: false,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: readable.map((field) => describeField(object, field, permissions)),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypeInfos(object, await org.namedRecords.names(), permissions),
    searchLayoutable: false,
    sobjectDescribeOption: 'FULL',
    supportedScopes: [{ label: `All ${object.labelPlural}`, name: 'everything' }],
  }
}

/** The short descriptions of all objects, by name, without `urls`. */
export async function describeGlobal(org: Org, userId: RecordId): Promise<readonly Description[]> {
  const { permissions } = await knownUser(org, userId)
  const { objects } = await org.latest()
  return [...objects]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((object) => describeBriefly(object, permissions))
}

function describeBriefly(object: ObjectDefinition, permissions: Permissions): Description {
  const may = (operation: 'create' | 'update' | 'delete') =>
    accessError(object, operation, permissions) === null
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: may('create'),
    custom: object.custom,
    customSetting: object.customSetting !== null,
    deepCloneable: false,
    deletable: may('delete'),
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.labelPlural,
    layoutable: object.customSetting === null,
    mergeable: false,
    mruEnabled: false,
    name: object.name,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: false,
    triggerable: true,
    undeletable: false,
    updateable: may('update'),
  }
}

function childRelationships(
  object: ObjectDefinition,
  { objects }: OrgDefinitions,
): readonly Description[] {
  return objects.flatMap((child) =>
    child.fields
      .filter((field) => field.referenceTo?.includes(object.name))
      .map((field) => ({
        cascadeDelete: referenceEnd(field) === 'Cascade',
        childSObject: child.name,
        deprecatedAndHidden: false,
        field: field.name,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName: null, // queries of child records are not answered here
        restrictedDelete: referenceEnd(field) === 'Restrict',
      })),
  )
}

const MASTER_RECORD_TYPE = '012000000000000AAA'

function recordTypeInfos(
  object: ObjectDefinition,
  names: Names,
  permissions: Permissions,
): readonly Description[] {
  const own = object.recordTypes.map(({ developerName, label, active }) => ({
    active,
    available: active && permissions.mayUseRecordType(object.name, developerName),
    defaultRecordTypeMapping: active && permissions.isDefaultRecordType(object.name, developerName),
    developerName,
    master: false,
    name: label,
    recordTypeId: names.recordTypeNamed(developerName, object.name),
  }))
  const master = {
    active: true,
    available: true,
    defaultRecordTypeMapping: !own.some((each) => each.defaultRecordTypeMapping),
    developerName: 'Master',
    master: true,
    name: 'Master',
    recordTypeId: MASTER_RECORD_TYPE,
  }
  return [...own, master]
}
