import type { EmailAlert } from '../../src/mail/definitions/email-alert.ts'
import type { SendableMessage } from '../../src/org/definitions.ts'
import { DEFAULT_SCHEDULE } from '../../src/outbox/delivery-schedule.ts'
import { DEFAULT_PACE } from '../../src/outbox/lane-pace.ts'
import type { FlowDefinition } from '../../src/rules/flow/flow-definition.ts'
import type { ValidationRule } from '../../src/rules/validation/validation-rule.ts'
import type { FieldUpdate, WorkflowRule, WorkflowTask } from '../../src/rules/workflow-rule.ts'
import { customObject } from '../../src/schema/custom-object.ts'
import {
  checkbox,
  currency,
  field,
  picklist,
  READ_ONLY,
  REQUIRED,
  reference,
  text,
} from '../../src/schema/define-field.ts'
import type { FieldDefinition, ObjectDefinition } from '../../src/schema/object-definition.ts'
import { STANDARD_OBJECTS } from '../../src/schema/standard-objects.ts'
import type { TestDefinitions } from './open-test-org.ts'

const PLACE = { file: 'test', line: 1 }

/** An invoice with a field of every kind that saving treats in its own way. */
export const INVOICE: ObjectDefinition = customObject({
  name: 'Invoice__c',
  label: 'Invoice',
  nameField: field('Name', 'autonumber', { displayFormat: 'INV-{YYYY}-{0000}', ...READ_ONLY }),
  fields: [
    text('Number__c', 20, { unique: true, externalId: true }),
    currency('Amount__c', 2),
    currency('Tax__c', 2, { formula: 'Amount__c * 0.2', ...READ_ONLY }),
    field('Rate__c', 'percent', { precision: 5, scale: 2, defaultValue: '0.19' }),
    text('Greeting__c', 40, { defaultValue: '"Dear " & $User.LastName' }),
    checkbox('Paid__c'),
    picklist('Color__c', '*Red|Green|Blue', { restricted: true }),
    field('Tags__c', 'multipicklist', { picklist: picklist('x', 'A|B|C').picklist ?? [] }),
    field('Due__c', 'date'),
    reference('Account__c', ['Account'], { relationshipName: 'Account__r' }),
    text('Owed_by__c', 255, { formula: 'Account__r.Name', ...READ_ONLY }),
    text('Must__c', 10, { ...REQUIRED, defaultValue: '"x"' }),
  ],
})

/** The hierarchy setting of the recipe for DataCloud. */
export const CREDENTIAL: ObjectDefinition = customObject({
  name: 'DataCloud_User_Credential__c',
  label: 'DataCloud User Credential',
  customSetting: 'hierarchy',
  fields: [
    text('Username__c', 120),
    text('Password__c', 120, { secret: true }),
    checkbox('Active__c'),
  ],
})

/** A workflow rule of Account that fires with every save, unless `parts` say otherwise. */
export function workflowRule(parts: Partial<WorkflowRule> = {}): WorkflowRule {
  return {
    kind: 'rule',
    objectName: 'Account',
    fullName: 'Tell',
    active: true,
    description: null,
    triggerType: 'onAllChanges',
    criteriaItems: [],
    booleanFilter: null,
    formula: 'TRUE',
    actions: [{ name: 'Tell_ERP', type: 'OutboundMessage' }],
    timeTriggers: [],
    place: PLACE,
    ...parts,
  }
}

/** A formula field update of Account, unless `parts` say otherwise. */
export function fieldUpdate(parts: Partial<FieldUpdate> & { fullName: string }): FieldUpdate {
  return {
    kind: 'fieldUpdate',
    objectName: 'Account',
    name: parts.fullName,
    field: 'Description',
    targetObject: null,
    operation: 'Formula',
    literalValue: null,
    formula: '"updated"',
    lookupValue: null,
    lookupValueType: null,
    reevaluateOnChange: false,
    notifyAssignee: false,
    place: PLACE,
    ...parts,
  }
}

/** A validation rule of Account that is active, unless `parts` say otherwise. */
export function validationRule(
  parts: Partial<ValidationRule> & { fullName: string; errorConditionFormula: string },
): ValidationRule {
  return {
    kind: 'validationRule',
    objectName: 'Account',
    active: true,
    description: null,
    errorDisplayField: null,
    errorMessage: parts.fullName.replaceAll('_', ' '),
    place: PLACE,
    ...parts,
  }
}

/** The outbound message `Account.Tell_ERP`, unless `parts` say otherwise. */
export function sendableMessage(parts: Partial<SendableMessage> = {}): SendableMessage {
  return {
    kind: 'outboundMessage',
    objectName: 'Account',
    fullName: 'Tell_ERP',
    name: 'Tell ERP',
    description: null,
    apiVersion: '60.0',
    endpointUrl: 'http://127.0.0.1:9999/',
    fields: ['Id', 'Name'],
    includeSessionId: true,
    integrationUser: 'admin@example.com',
    useDeadLetterQueue: false,
    isProtected: false,
    place: PLACE,
    schedule: DEFAULT_SCHEDULE,
    pace: DEFAULT_PACE,
    heldReason: null,
    ...parts,
  }
}

/** A standard object with fields of the project's own. */
export function extended(name: string, fields: readonly FieldDefinition[]): ObjectDefinition {
  const object = STANDARD_OBJECTS.find((each) => each.name === name)
  if (!object) throw new Error(`${name} is no standard object`)
  return { ...object, fields: [...object.fields, ...fields] }
}

/** Definitions in the form the store takes. */
export function asDefinitions(parts: {
  readonly objects?: readonly ObjectDefinition[]
  readonly rules?: readonly WorkflowRule[]
  readonly fieldUpdates?: readonly FieldUpdate[]
  readonly tasks?: readonly WorkflowTask[]
  readonly messages?: readonly SendableMessage[]
  readonly validationRules?: readonly ValidationRule[]
  readonly flows?: readonly FlowDefinition[]
  readonly alerts?: readonly EmailAlert[]
}): TestDefinitions {
  const { objects = [], rules = [], fieldUpdates = [], tasks = [], messages = [] } = parts
  const { validationRules = [], flows = [], alerts = [] } = parts
  return [
    ...objects.map((body) => ({ kind: 'object' as const, key: body.name, body })),
    ...rules.map((body) => ({ kind: 'rule' as const, key: keyOf(body), body })),
    ...fieldUpdates.map((body) => ({ kind: 'fieldUpdate' as const, key: keyOf(body), body })),
    ...tasks.map((body) => ({ kind: 'task' as const, key: keyOf(body), body })),
    ...messages.map((body) => ({ kind: 'outboundMessage' as const, key: keyOf(body), body })),
    ...validationRules.map((body) => {
      return { kind: 'validationRule' as const, key: keyOf(body), body }
    }),
    ...alerts.map((body) => ({ kind: 'alert' as const, key: keyOf(body), body })),
    ...flows.map((body) => ({ kind: 'flow' as const, key: body.fullName, body })),
  ]
}

function keyOf({ objectName, fullName }: { objectName: string; fullName: string }): string {
  return `${objectName}.${fullName}`
}
