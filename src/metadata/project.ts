import type { EmailAlert } from '../mail/definitions/email-alert.ts'
import type { EmailTemplate } from '../mail/definitions/email-template.ts'
import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { FlowDefinition } from '../rules/flow/flow-definition.ts'
import type { ValidationRule } from '../rules/validation/validation-rule.ts'
import type { FieldUpdate, WorkflowRule, WorkflowTask } from '../rules/workflow-rule.ts'
import type { ObjectDefinition, SourcePlace } from '../schema/object-definition.ts'

/** Something in the project's files that a person should know. */
export type ProjectProblem = SourcePlace & {
  readonly code: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
}

/** What is parsed and kept, and (yet) not executed: flow actions, article publishing … with all elements. */
export type KeptAction = {
  readonly kind: 'flowAction' | 'knowledgePublish' | 'send' | 'other'
  readonly objectName: string
  readonly fullName: string
  /** The element's name in the workflow file. */
  readonly element: string
  /** Every child element, in order: a name with its text or its own children. */
  readonly content: readonly KeptElement[]
  readonly place: SourcePlace
}

export type KeptElement = {
  readonly name: string
  readonly content: string | readonly KeptElement[]
}

export type ProfileDefinition = {
  readonly name: string
  readonly fieldPermissions: readonly {
    /** `Object.Field` */
    readonly field: string
    readonly readable: boolean
    readonly editable: boolean
  }[]
  /** Names of objects of which it says that no record may be read. */
  readonly unreadableObjects: readonly string[]
  /** Names of user permissions that are switched on, as `ApiEnabled`. */
  readonly userPermissions: readonly string[]
  /** Developer names of custom permissions that are switched on. */
  readonly customPermissions: readonly string[]
  readonly recordTypes: readonly {
    /** `Object.DeveloperName` */
    readonly recordType: string
    /** What a new record gets that names none. */
    readonly isDefault: boolean
    readonly isVisible: boolean
  }[]
  readonly place: SourcePlace
}

export type PermissionSetDefinition = {
  readonly name: string
  readonly label: string
  readonly customPermissions: readonly string[]
  readonly place: SourcePlace
}

export type RoleDefinition = {
  readonly developerName: string
  readonly name: string
  /** Developer name of the role above. */
  readonly parentRole: string | null
  readonly place: SourcePlace
}

export type LabelDefinition = {
  readonly name: string
  readonly text: string
  readonly place: SourcePlace
}

export type QueueDefinition = {
  readonly developerName: string
  readonly name: string
  readonly objects: readonly string[]
  /** Gets mail for the queue. */
  readonly email: string | null
  readonly emailsMembers: boolean
  readonly members: readonly GroupMember[]
  readonly place: SourcePlace
}

/** Somebody in a queue: a user by username, the others by developer name. */
export type GroupMember = {
  readonly kind: 'user' | 'group' | 'role' | 'roleAndSubordinates'
  readonly name: string
}

/** A public group; files do not say who is in it. */
export type GroupDefinition = {
  readonly developerName: string
  readonly name: string
  readonly place: SourcePlace
}

/** All that a project's files define. */
export type Project = {
  readonly folder: string
  readonly fileCount: number
  /** Standard objects with what the project adds to them, then custom ones. */
  readonly objects: readonly ObjectDefinition[]
  /** Where the project defines fields, by `object.field` in lower case. */
  readonly fieldPlaces: ReadonlyMap<string, SourcePlace>
  readonly rules: readonly WorkflowRule[]
  readonly fieldUpdates: readonly FieldUpdate[]
  readonly outboundMessages: readonly OutboundMessage[]
  readonly tasks: readonly WorkflowTask[]
  readonly validationRules: readonly ValidationRule[]
  readonly alerts: readonly EmailAlert[]
  readonly emailTemplates: readonly EmailTemplate[]
  readonly keptActions: readonly KeptAction[]
  readonly profiles: readonly ProfileDefinition[]
  readonly permissionSets: readonly PermissionSetDefinition[]
  readonly roles: readonly RoleDefinition[]
  readonly labels: readonly LabelDefinition[]
  readonly queues: readonly QueueDefinition[]
  /** Record-triggered flows. */
  readonly flows: readonly FlowDefinition[]
  /** Flow files of every kind. */
  readonly groups: readonly GroupDefinition[]
  readonly flowCount: number
  readonly problems: readonly ProjectProblem[]
}
