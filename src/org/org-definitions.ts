import type { EmailAlert } from '../mail/definitions/email-alert.ts'
import type { EmailTemplate } from '../mail/definitions/email-template.ts'
import { type CompiledRules, compileRules } from '../rules/compile-rules.ts'
import { type CompiledFlows, compileFlows } from '../rules/flow/compile-flows.ts'
import { type CompiledRollUps, compileRollUps } from '../rules/roll-up/compile-roll-ups.ts'
import {
  type CompiledValidationRules,
  compileValidationRules,
} from '../rules/validation/compile-validation-rules.ts'
import type { FieldUpdate, WorkflowRule, WorkflowTask } from '../rules/workflow-rule.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/object-definition.ts'
import { DEFAULT_ORG_SETTINGS, type OrgSettings } from '../schema/org-settings.ts'
import type { RecordId } from '../schema/record-id.ts'
import { leadsToDeletable, type ReferenceEnd, referenceEnd } from '../schema/reference-end.ts'
import type { PermissionSet, Profile, SendableMessage, StoredDefinition } from './definitions.ts'
import { type OrgFormulas, openFormulas } from './formulas/org-formulas.ts'
import { openTimedTriggers, type TimedTriggers } from './time-queue/timed-triggers.ts'

/** An outbound message with what the store knows it by. */
export type KnownMessage = SendableMessage & {
  readonly outboundMessageId: RecordId
  /** `Account.Notify_ERP` */
  readonly key: string
}

/** A reference field that leads to an object, and what becomes of its record when what it leads to is deleted. */
export type Referrer = {
  readonly object: ObjectDefinition
  readonly field: FieldDefinition
  readonly end: ReferenceEnd
}

/** All definitions of one version, found by the names people use. Never changes; a new version is a new value. */
export type OrgDefinitions = {
  readonly version: number
  readonly settings: OrgSettings
  readonly objects: readonly ObjectDefinition[]
  /** Whatever the name's case. */
  readonly objectOf: (name: string) => ObjectDefinition | undefined
  readonly objectOfId: (id: RecordId) => ObjectDefinition | undefined
  readonly profiles: readonly Profile[]
  readonly profileOf: (name: string) => Profile | undefined
  readonly permissionSets: readonly PermissionSet[]
  /** A custom label's text, whatever the name's case. */
  readonly labelOf: (name: string) => string | undefined
  readonly outboundMessages: readonly KnownMessage[]
  readonly messageOfId: (id: RecordId) => KnownMessage | undefined
  readonly messageOfKey: (key: string) => KnownMessage | undefined
  readonly alerts: readonly EmailAlert[]
  /** By `Object.Name`. */
  readonly alertOfKey: (key: string) => EmailAlert | undefined
  readonly templates: readonly EmailTemplate[]
  /** By `Folder/Name`. */
  readonly templateOfKey: (key: string) => EmailTemplate | undefined
  readonly workflowRules: readonly WorkflowRule[]
  readonly rules: CompiledRules
  readonly flows: CompiledFlows
  readonly fieldUpdates: readonly FieldUpdate[]
  readonly tasks: readonly WorkflowTask[]
  readonly timers: TimedTriggers
  readonly formulas: OrgFormulas
  readonly validation: CompiledValidationRules
  /** The id of a definition by its kind and key, whatever the key's case; null when there is none. */
  readonly idOf: (kind: StoredDefinition['kind'], key: string) => RecordId | null
  /** Whether a save of the object's records has more to decide than whether they are well formed. */
  readonly hasRules: (objectName: string) => boolean
  readonly rollUps: CompiledRollUps
  /** The reference fields of all objects that lead to records of the object, other than persons. */
  readonly referrersOf: (objectName: string) => readonly Referrer[]
}

/** Sorts what the store keeps into what the org looks up. */
export function compileDefinitions(
  version: number,
  stored: readonly StoredDefinition[],
  timedObjects: readonly string[] = [],
): OrgDefinitions {
  const objects = stored.flatMap((each) => (each.kind === 'object' ? [each.body] : []))
  const profiles = stored.flatMap((each) => (each.kind === 'profile' ? [each.body] : []))
  const outboundMessages = stored.flatMap((each) =>
    each.kind === 'outboundMessage'
      ? [{ ...each.body, outboundMessageId: each.id, key: each.key }]
      : [],
  )
  const written = stored.flatMap((each) => (each.kind === 'settings' ? [each.body] : []))
  const settings = { ...DEFAULT_ORG_SETTINGS, ...written.at(-1) }

  const permissionSets = stored.flatMap((each) =>
    each.kind === 'permissionSet' ? [each.body] : [],
  )
  const labels = new Map(
    stored
      .flatMap((each) => (each.kind === 'labels' ? each.body.labels : []))
      .map(({ name, text }) => [name.toLowerCase(), text]),
  )

  const byName = new Map(objects.map((each) => [each.name.toLowerCase(), each]))
  const byPrefix = new Map(objects.map((each) => [each.keyPrefix ?? each.name, each]))
  const profileByName = new Map(profiles.map((each) => [each.name.toLowerCase(), each]))
  const messageById = new Map(outboundMessages.map((each) => [each.outboundMessageId, each]))
  const messageByKey = new Map(outboundMessages.map((each) => [each.key.toLowerCase(), each]))
  const alerts = stored.flatMap((each) => (each.kind === 'alert' ? [each] : []))
  const templates = stored.flatMap((each) => (each.kind === 'emailTemplate' ? [each.body] : []))
  const alertByKey = new Map(alerts.map(({ key, body }) => [key.toLowerCase(), body]))
  const templateByKey = new Map(templates.map((each) => [each.key.toLowerCase(), each]))
  const objectOf = (name: string) => byName.get(name.toLowerCase())
  const workflowRules = stored.flatMap((each) => (each.kind === 'rule' ? [each.body] : []))
  const fieldUpdates = stored.flatMap((each) => (each.kind === 'fieldUpdate' ? [each.body] : []))
  const tasks = stored.flatMap((each) => (each.kind === 'task' ? [each.body] : []))
  const ids = new Map(stored.map(({ kind, key, id }) => [`${kind} ${key.toLowerCase()}`, id]))
  const rules = compileRules({
    rules: workflowRules,
    fieldUpdates,
    tasks,
    outboundMessageKeys: outboundMessages.map((each) => each.key),
    alertKeys: alerts.map(({ key }) => key),
    objects: objectOf,
    settings,
  })
  const validation = compileValidationRules({
    validationRules: stored.flatMap((each) => (each.kind === 'validationRule' ? [each.body] : [])),
    objects: objectOf,
    formulaFields: new Map(),
  })
  const flows = compileFlows({
    flows: stored.flatMap((each) => (each.kind === 'flow' ? [each.body] : [])),
    outboundMessageKeys: outboundMessages.map((each) => each.key),
    alertKeys: alerts.map(({ key }) => key),
    objects: objectOf,
  })
  return {
    version,
    settings,
    objects,
    objectOf,
    objectOfId: (id) => byPrefix.get(id.slice(0, 3)),
    profiles,
    profileOf: (name) =>
      profileByName.get(name.toLowerCase()) ?? profileByName.get(fileNameOf(name)),
    permissionSets,
    labelOf: (name) => labels.get(name.toLowerCase()),
    outboundMessages,
    messageOfId: (id) => messageById.get(id),
    messageOfKey: (key) => messageByKey.get(key.toLowerCase()),
    alerts: alerts.map(({ body }) => body),
    alertOfKey: (key) => alertByKey.get(key.toLowerCase()),
    templates,
    templateOfKey: (key) => templateByKey.get(key.toLowerCase()),
    workflowRules,
    fieldUpdates,
    tasks,
    rules,
    flows,
    timers: openTimedTriggers(rules, flows, timedObjects),
    formulas: openFormulas(objectOf),
    validation,
    idOf: (kind, key) => ids.get(`${kind} ${key.toLowerCase()}`) ?? null,
    hasRules: (objectName) =>
      [rules, validation, flows].some((each) => each.outcomesOf(objectName).length > 0),
    referrersOf: openReferrers(objects),
    rollUps: compileRollUps(objects, {
      objects: objectOf,
      settings,
      formulaFields: new Map(),
      placeOf: () => ({ file: '', line: 0 }),
    }),
  }
}

/** Project files call two of Salesforce's own profiles otherwise than people do. */
function fileNameOf(profileName: string): string {
  switch (profileName.toLowerCase()) {
    case 'system administrator':
      return 'admin'
    case 'standard user':
      return 'standard'
    default:
      return profileName.toLowerCase()
  }
}

function openReferrers(objects: readonly ObjectDefinition[]): OrgDefinitions['referrersOf'] {
  const all = objects.flatMap((object) =>
    object.fields.filter(leadsToDeletable).flatMap((field) =>
      (field.referenceTo ?? []).map((target) => ({
        target: target.toLowerCase(),
        referrer: { object, field, end: referenceEnd(field) },
      })),
    ),
  )
  const byTarget = Map.groupBy(all, ({ target }) => target)
  return (objectName) =>
    (byTarget.get(objectName.toLowerCase()) ?? []).map(({ referrer }) => referrer)
}
