import type { ObjectDefinition } from '../schema/object-definition.ts'
import type { OrgSettings } from '../schema/org-settings.ts'
import type { OrgRecord } from '../schema/record.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { EmailAlert } from './definitions/email-alert.ts'
import type { EmailTemplate } from './definitions/email-template.ts'
import type { MergeValue } from './template/merge-value.ts'

/** What mail asks of the org's definitions: of one version, names in any case. */
export type MailDefinitions = {
  readonly settings: OrgSettings
  readonly alertOfKey: (key: string) => EmailAlert | undefined
  readonly templateOfKey: (key: string) => EmailTemplate | undefined
  readonly objectOf: (name: string) => ObjectDefinition | undefined
}

/** Finds records: what recipients are resolved by. */
export type Directory = {
  /** As committed now, a deleted one too; null when there never was one. */
  recordOf(id: RecordId): Promise<OrgRecord | null>
  /** Living records whose field has one of the values; none where the org has no such object or field. */
  find(
    objectName: string,
    fieldName: string,
    values: readonly string[],
  ): Promise<readonly OrgRecord[]>
}

/** Whose merge fields are asked for. */
export type MergeAsk = {
  readonly record: OrgRecord
  /** `{!User.X}`: who sends. */
  readonly userId: RecordId
  /** `{!Receiving_User.X}`: the user or contact who gets it; null where none is known. */
  readonly receiver: OrgRecord | null
  readonly expressions: readonly string[]
}

/** What mail asks of the org: `org` answers, the house joins. */
export type MailOrg = Directory & {
  readonly organizationId: string
  definitions(): Promise<MailDefinitions>
  /** One for each of the expressions. */
  mergeValues(ask: MergeAsk): Promise<ReadonlyMap<string, MergeValue>>
}
