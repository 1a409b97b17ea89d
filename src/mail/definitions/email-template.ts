import type { SourcePlace } from '../../schema/object-definition.ts'

/** How a template's body is written. */
export type TemplateType =
  | 'text' // plain text
  | 'html' // HTML in a letterhead's sections
  | 'custom' // HTML without one
  | 'visualforce'

/** An e-mail template as its two files say it: what stands beside the body, and the body. */
export type EmailTemplate = {
  readonly kind: 'emailTemplate'
  /** `Folder/Name`, which alerts call it by. */
  readonly key: string
  readonly name: string
  readonly templateType: TemplateType
  readonly subject: string
  readonly body: string
  /** The text part that an HTML template brings along. */
  readonly textOnly: string | null
  /** Anybody may use it; alerts use it whatever this says, as at Salesforce. */
  readonly isAvailable: boolean
  readonly place: SourcePlace
}
