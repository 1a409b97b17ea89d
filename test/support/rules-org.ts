import { type EvaluationContext, NOBODY } from '../../src/rules/evaluation-context.ts'
import type { FireContext } from '../../src/rules/fire-rules.ts'
import type { FieldUpdate, WorkflowRule, WorkflowTask } from '../../src/rules/workflow-rule.ts'
import {
  currency,
  double,
  field,
  reference,
  standardObject,
  text,
} from '../../src/schema/define-field.ts'
import type { FieldValue, FieldValues } from '../../src/schema/field-value.ts'
import type { FieldDefinition, ObjectDefinition } from '../../src/schema/object-definition.ts'
import { DEFAULT_ORG_SETTINGS } from '../../src/schema/org-settings.ts'
import type { OrgRecord } from '../../src/schema/record.ts'
import { makeRecordId, type RecordId } from '../../src/schema/record-id.ts'

/** 2026-03-04 12:30 UTC, a Wednesday: the time in tests of rules. */
export const NOON = Date.UTC(2026, 2, 4, 12, 30)

const percent = (name: string) => field(name, 'percent', { precision: 18, scale: 2 })
const choices = (values: readonly string[]) =>
  values.map((value) => ({
    value,
    label: value === 'HOT' ? 'Very hot' : value,
    active: value !== 'Gone',
    isDefault: false,
  }))

const FIELDS: readonly FieldDefinition[] = [
  field('Id', 'id'),
  text('Name', 80),
  text('Text__c', 255),
  double('Number__c', 2),
  currency('Amount__c', 2),
  percent('Percent__c'),
  field('Check__c', 'boolean'),
  field('Date__c', 'date'),
  field('Moment__c', 'datetime'),
  field('Time__c', 'time'),
  field('Stage__c', 'picklist', { picklist: choices(['New', 'Gone', 'HOT', 'Closed']) }),
  field('Colors__c', 'multipicklist', { picklist: choices(['A', 'B', 'C']) }),
  field('Double__c', 'double', { formula: 'Number__c * 2', scale: 2 }),
  field('DoubleOrBlank__c', 'double', { formula: 'Number__c * 2', blanksAs: 'blank' }),
  field('IsBig__c', 'boolean', { formula: 'Number__c > 100', blanksAs: 'blank' }),
  field('Circle__c', 'double', { formula: 'Wheel__c + 1' }),
  field('Wheel__c', 'double', { formula: 'Circle__c + 1' }),
  field('Broken__c', 'double', { formula: 'NONSENSE(1)' }),
  reference('Parent__c', ['Parent__c'], { relationshipName: 'Parent__r', masterDetail: true }),
  reference('OwnerId', ['User', 'Group']),
  reference('RecordTypeId', ['RecordType']),
  reference('One__c', ['Twin__c'], { relationshipName: 'One__r' }),
  reference('Other__c', ['Twin__c'], { relationshipName: 'Other__r' }),
]

function custom(name: string, fields: readonly FieldDefinition[]): ObjectDefinition {
  return { ...standardObject(name, 'a00', `${name}|${name}`, fields), fields, custom: true }
}

const USER_FIELDS = [
  field('Id', 'id'),
  text('Name', 80),
  text('Username', 80),
  text('Email', 80),
  field('UserType', 'picklist'),
  reference('ProfileId', ['Profile']),
  reference('UserRoleId', ['UserRole']),
]
const PARENT_FIELDS = [
  field('Id', 'id'),
  text('Name', 80),
  double('Limit__c', 0),
  field('Stage__c', 'picklist', { picklist: choices(['New', 'Closed']) }),
  field('Twice__c', 'double', { formula: 'Limit__c * 2' }),
  reference('OwnerId', ['User', 'Group']),
  field('OwnerMail__c', 'string', { formula: 'Owner:User.Email' }),
]
const SETTING = {
  ...custom('Limits__c', [double('Max__c', 0)]),
  customSetting: 'hierarchy' as const,
}

const SECRETS = {
  ...custom('Secrets__c', [text('Password__c', 80, { secret: true })]),
  customSetting: 'hierarchy' as const,
}

const OBJECTS: ReadonlyMap<string, ObjectDefinition> = new Map(
  [
    {
      ...custom('Thing__c', FIELDS),
      recordTypes: [{ developerName: 'Big', label: 'Big One', active: true }],
    },
    custom('Twin__c', [text('Name', 80)]),
    custom('Parent__c', PARENT_FIELDS),
    custom('User', USER_FIELDS),
    SETTING,
    SECRETS,
  ].map((object) => [object.name.toLowerCase(), object]),
)

/** The definitions that rules are tested with: Thing__c, its Parent__c, User, and a custom setting. */
export function objects(name: string): ObjectDefinition | undefined {
  return OBJECTS.get(name.toLowerCase())
}

export const THING: ObjectDefinition = OBJECTS.get('thing__c')!

/** A record with these values; the rest is blank. */
export function recordOf(objectName: string, serial: number, fields: FieldValues = {}): OrgRecord {
  const prefix =
    { User: '005', Group: '00G', Parent__c: 'a01', RecordType: '012' }[objectName] ?? 'a00'
  const blank = (objects(objectName)?.fields ?? []).map((each): [string, FieldValue] => [
    each.name,
    each.type === 'boolean' ? false : null,
  ])
  return {
    objectName,
    recordId: makeRecordId(prefix, serial),
    version: 1,
    fields: { ...Object.fromEntries(blank), ...fields },
  }
}

export function thing(fields: FieldValues = {}): OrgRecord {
  return recordOf('Thing__c', 1, fields)
}

export const ANNA = recordOf('User', 1, {
  Name: 'Anna Ek',
  Username: 'anna@example.com',
  Email: 'anna@example.com',
})
export const QUEUE = recordOf('Group', 2, { Name: 'Support', DeveloperName: 'Support' })
export const KIND = recordOf('RecordType', 3, { Name: 'Big One', DeveloperName: 'Big' })

/** A context of a new `record`; what is not said is blank. */
export function contextOf(
  record: OrgRecord,
  more: Partial<EvaluationContext> = {},
): EvaluationContext {
  return { ...fireContext(), record, before: null, isNew: true, ...more }
}

/** What rules are fired in: no user, the org's zone UTC, `others` to be found by their ids. */
export function fireContext(others: readonly OrgRecord[] = []): FireContext {
  const all = new Map<RecordId, OrgRecord>(
    [...others, ANNA, QUEUE, KIND].map((each) => [each.recordId, each]),
  )
  return {
    related: (id) => all.get(id),
    now: NOON,
    user: NOBODY,
    org: { ...DEFAULT_ORG_SETTINGS, id: makeRecordId('00D', 1) },
    lookup: (type, name) => {
      if (type === 'User') return name === ANNA.fields.Username ? ANNA.recordId : null
      return type === 'Queue' && name === 'Support' ? QUEUE.recordId : null
    },
  }
}

const PLACE = { file: 'workflows/Thing__c.workflow-meta.xml', line: 1 }

/** A rule of Thing__c, active, evaluated on every edit; what differs is given. */
export function ruleOf(fullName: string, more: Partial<WorkflowRule> = {}): WorkflowRule {
  return {
    kind: 'rule',
    objectName: 'Thing__c',
    fullName,
    active: true,
    description: null,
    triggerType: 'onAllChanges',
    criteriaItems: [],
    booleanFilter: null,
    formula: null,
    actions: [],
    timeTriggers: [],
    place: PLACE,
    ...more,
  }
}

/** A field update of Thing__c that writes a literal; what differs is given. */
export function updateOf(fullName: string, more: Partial<FieldUpdate> = {}): FieldUpdate {
  return {
    kind: 'fieldUpdate',
    objectName: 'Thing__c',
    fullName,
    name: fullName,
    field: 'Text__c',
    targetObject: null,
    operation: 'Literal',
    literalValue: null,
    formula: null,
    lookupValue: null,
    lookupValueType: null,
    reevaluateOnChange: false,
    notifyAssignee: false,
    place: PLACE,
    ...more,
  }
}

/** A task of Thing__c for the record's owner, due today; what differs is given. */
export function taskOf(fullName: string, more: Partial<WorkflowTask> = {}): WorkflowTask {
  return {
    kind: 'task',
    objectName: 'Thing__c',
    fullName,
    subject: fullName,
    description: null,
    assignedToType: 'owner',
    assignedTo: null,
    dueDateOffset: 0,
    offsetFromField: null,
    priority: 'Normal',
    status: 'Not Started',
    notifyAssignee: false,
    place: PLACE,
    ...more,
  }
}
