import type { EmailAlert } from '../../mail/definitions/email-alert.ts'
import type { EmailTemplate } from '../../mail/definitions/email-template.ts'
import type { OutboundMessage } from '../../outbox/outbound-message.ts'
import type { FlowDefinition } from '../../rules/flow/flow-definition.ts'
import type { ValidationRule } from '../../rules/validation/validation-rule.ts'
import type { FieldUpdate, WorkflowRule, WorkflowTask } from '../../rules/workflow-rule.ts'
import type { FieldOptions } from '../../schema/define-field.ts'
import type {
  FieldDefinition,
  FieldType,
  ObjectDefinition,
  PicklistValue,
  SourcePlace,
} from '../../schema/object-definition.ts'
import type {
  GroupDefinition,
  KeptAction,
  LabelDefinition,
  PermissionSetDefinition,
  ProfileDefinition,
  QueueDefinition,
  RoleDefinition,
} from '../project.ts'
import type { PlacedRecordType } from './object/read-record-type.ts'

/** What one file brings to the project. */
export type Contribution = {
  readonly objects?: readonly ObjectPart[]
  readonly rules?: readonly WorkflowRule[]
  readonly fieldUpdates?: readonly FieldUpdate[]
  readonly flows?: readonly FlowDefinition[]
  readonly outboundMessages?: readonly OutboundMessage[]
  readonly tasks?: readonly WorkflowTask[]
  readonly validationRules?: readonly ValidationRule[]
  readonly alerts?: readonly EmailAlert[]
  readonly emailTemplates?: readonly EmailTemplatePart[]
  readonly emailBodies?: readonly EmailBody[]
  readonly groups?: readonly GroupDefinition[]
  readonly keptActions?: readonly KeptAction[]
  readonly profiles?: readonly ProfileDefinition[]
  readonly permissionSets?: readonly PermissionSetDefinition[]
  readonly roles?: readonly RoleDefinition[]
  readonly labels?: readonly LabelDefinition[]
  readonly queues?: readonly QueueDefinition[]
  readonly valueSets?: readonly ValueSet[]
}

/** What stands beside a template's body. */
export type EmailTemplatePart = Omit<EmailTemplate, 'kind' | 'body'>

/** The body of the template of that key. */
export type EmailBody = {
  readonly key: string
  readonly body: string
  readonly place: SourcePlace
}

/** A part of an object: its own file, or one that adds a field or a record type. */
export type ObjectPart = {
  readonly objectName: string
  readonly place: SourcePlace
  /** True for the object's own file. */
  readonly definesObject: boolean
  readonly label: string | null
  readonly labelPlural: string | null
  readonly customSetting: ObjectDefinition['customSetting']
  readonly nameField: FieldDefinition | null
  readonly enableActivities: boolean
  readonly fields: readonly FieldPart[]
  readonly recordTypes: readonly PlacedRecordType[]
}

/** A field as a file says it; standard fields are often without a type. */
export type FieldPart = {
  readonly name: string
  readonly type: FieldType | null
  readonly options: FieldOptions
  /** Name of the global value set that its picklist shares. */
  readonly valueSetName: string | null
  readonly place: SourcePlace
}

/** A list of picklist values that fields share. */
export type ValueSet = {
  readonly name: string
  readonly scope: 'global' | 'standard'
  readonly values: readonly PicklistValue[]
  readonly place: SourcePlace
}

/** An object part that says nothing yet. */
export function emptyPart(objectName: string, place: SourcePlace): ObjectPart {
  return {
    objectName,
    place,
    definesObject: false,
    label: null,
    labelPlural: null,
    customSetting: null,
    nameField: null,
    enableActivities: false,
    fields: [],
    recordTypes: [],
  }
}
