import type { EmailAlert } from '../mail/definitions/email-alert.ts'
import type { EmailTemplate } from '../mail/definitions/email-template.ts'
import type { DeliverySchedule } from '../outbox/delivery-schedule.ts'
import type { LanePace } from '../outbox/lane-pace.ts'
import type { OutboundMessage } from '../outbox/outbound-message.ts'
import type { FlowDefinition } from '../rules/flow/flow-definition.ts'
import type { ValidationRule } from '../rules/validation/validation-rule.ts'
import type { FieldUpdate, WorkflowRule, WorkflowTask } from '../rules/workflow-rule.ts'
import type { ObjectDefinition } from '../schema/object-definition.ts'
import type { OrgSettings } from '../schema/org-settings.ts'
import type { RecordId } from '../schema/record-id.ts'

/** A profile as the org applies it. */
export type Profile = {
  readonly name: string
  /** `Object.Field` names that this profile may not read. */
  readonly unreadable: readonly string[]
  /** `Object.Field` names that this profile may not edit. */
  readonly readOnly: readonly string[]
  /** Objects whose records it may not read; a profile made in Setup names none. */
  readonly unreadableObjects?: readonly string[]
  /** Switched-on user permissions: `CustomizeApplication` is the setup privilege. */
  readonly userPermissions: readonly string[]
  /** Developer names of the custom permissions it switches on; a profile made in Setup has none. */
  readonly customPermissions?: readonly string[]
  /** `Object.DeveloperName` of record types: what new records get, and what may not be given. */
  readonly recordTypes?: {
    readonly defaults: readonly string[]
    readonly hidden: readonly string[]
  }
}

/** What a permission set gives to the users it is assigned to. */
export type PermissionSet = {
  readonly name: string
  readonly label: string
  /** Developer names of the custom permissions it switches on. */
  readonly customPermissions: readonly string[]
}

/** All custom labels of the project. */
export type CustomLabels = {
  readonly labels: readonly { readonly name: string; readonly text: string }[]
}

/** What a definition says, by kind. Bodies are plain JSON values. */
export type DefinitionBody =
  | { readonly kind: 'object'; readonly body: ObjectDefinition }
  | { readonly kind: 'rule'; readonly body: WorkflowRule }
  | { readonly kind: 'fieldUpdate'; readonly body: FieldUpdate }
  | { readonly kind: 'task'; readonly body: WorkflowTask }
  | { readonly kind: 'outboundMessage'; readonly body: SendableMessage }
  | { readonly kind: 'validationRule'; readonly body: ValidationRule }
  | { readonly kind: 'flow'; readonly body: FlowDefinition }
  | { readonly kind: 'alert'; readonly body: EmailAlert }
  | { readonly kind: 'emailTemplate'; readonly body: EmailTemplate }
  | { readonly kind: 'profile'; readonly body: Profile }
  | { readonly kind: 'permissionSet'; readonly body: PermissionSet }
  | { readonly kind: 'labels'; readonly body: CustomLabels }
  | { readonly kind: 'settings'; readonly body: OrgSettings }

/** An outbound message with where it really goes. */
export type SendableMessage = OutboundMessage & {
  /** By which its notifications are tried again, live and are given up. */
  readonly schedule: DeliverySchedule
  /** Of its endpoint, as the project says. */
  readonly pace: LanePace
  /** Not sent while this says why; null sends. */
  readonly heldReason: string | null
}

/** A definition as the store keeps it. `key` is unique within its kind: `Account`, `Account.Notify_ERP`. */
export type StoredDefinition = DefinitionBody & {
  readonly key: string
  /** 18 characters with the kind's prefix; given at the first writing, kept for good. */
  readonly id: RecordId
  /** Who wrote it last: `project`, `setup`, `built-in`. */
  readonly source: string
}
