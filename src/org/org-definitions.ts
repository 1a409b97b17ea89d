import type { FieldUpdate, WorkflowRule } from '../rules/workflow-rule.ts'
import type { ObjectDefinition } from '../schema/object-definition.ts'
import { DEFAULT_ORG_SETTINGS, type OrgSettings } from '../schema/org-settings.ts'
import type { RecordId } from '../schema/record-id.ts'
import type { Profile, SendableMessage, StoredDefinition } from './definitions.ts'
import { type OrgFormulas, openFormulas } from './formulas/org-formulas.ts'

/** An outbound message with what the store knows it by. */
export type KnownMessage = SendableMessage & {
  readonly outboundMessageId: RecordId
  /** `Account.Notify_ERP` */
  readonly key: string
}

/** All definitions of one version, found by the names people use. Never changes; a new version is a new value. */
export type OrgDefinitions = {
  readonly version: number
  readonly settings: OrgSettings
  readonly objects: readonly ObjectDefinition[]
  /** Whatever the name's case. */
  readonly objectOf: (name: string) => ObjectDefinition | undefined
  readonly objectOfId: (id: RecordId) => ObjectDefinition | undefined
  readonly profileOf: (name: string) => Profile | undefined
  readonly outboundMessages: readonly KnownMessage[]
  readonly messageOfId: (id: RecordId) => KnownMessage | undefined
  readonly messageOfKey: (key: string) => KnownMessage | undefined
  readonly workflowRules: readonly WorkflowRule[]
  readonly fieldUpdates: readonly FieldUpdate[]
  readonly formulas: OrgFormulas
}

/** Sorts what the store keeps into what the org looks up. */
export function compileDefinitions(
  version: number,
  stored: readonly StoredDefinition[],
): OrgDefinitions {
  const objects = stored.flatMap((each) => (each.kind === 'object' ? [each.body] : []))
  const profiles = stored.flatMap((each) => (each.kind === 'profile' ? [each.body] : []))
  const outboundMessages = stored.flatMap((each) =>
    each.kind === 'outboundMessage'
      ? [{ ...each.body, outboundMessageId: each.id, key: each.key }]
      : [],
  )
  const settings = stored.flatMap((each) => (each.kind === 'settings' ? [each.body] : []))

  const byName = new Map(objects.map((each) => [each.name.toLowerCase(), each]))
  const byPrefix = new Map(objects.map((each) => [each.keyPrefix ?? each.name, each]))
  const profileByName = new Map(profiles.map((each) => [each.name.toLowerCase(), each]))
  const messageById = new Map(outboundMessages.map((each) => [each.outboundMessageId, each]))
  const messageByKey = new Map(outboundMessages.map((each) => [each.key.toLowerCase(), each]))
  const objectOf = (name: string) => byName.get(name.toLowerCase())
  return {
    version,
    settings: { ...DEFAULT_ORG_SETTINGS, ...settings.at(-1) },
    objects,
    objectOf,
    objectOfId: (id) => byPrefix.get(id.slice(0, 3)),
    profileOf: (name) => profileByName.get(name.toLowerCase()),
    outboundMessages,
    messageOfId: (id) => messageById.get(id),
    messageOfKey: (key) => messageByKey.get(key.toLowerCase()),
    workflowRules: stored.flatMap((each) => (each.kind === 'rule' ? [each.body] : [])),
    fieldUpdates: stored.flatMap((each) => (each.kind === 'fieldUpdate' ? [each.body] : [])),
    formulas: openFormulas(objectOf),
  }
}
