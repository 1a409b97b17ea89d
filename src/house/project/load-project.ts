import { paceOf, scheduleOf } from '../../config/delivery-config.ts'
import type { ProjectConfig } from '../../config/project-config.ts'
import type { ProfileDefinition, Project } from '../../metadata/project.ts'
import { readProject } from '../../metadata/read-project.ts'
import type {
  CustomLabels,
  Profile,
  SendableMessage,
  StoredDefinition,
} from '../../org/definitions.ts'
import { firstUserId } from '../../org/founding/found-org.ts'
import { keepMembers } from '../../org/founding/keep-members.ts'
import { keepNamedRecords } from '../../org/founding/keep-named-records.ts'
import { type OutboundMessage, outboundMessageKey } from '../../outbox/outbound-message.ts'
import type { OrgSettings } from '../../schema/org-settings.ts'
import type { House } from '../open-house.ts'
import { type EndpointChoice, endpointOf } from './choose-endpoint.ts'
import { writeProjectJobs } from './project-jobs.ts'
import { tellOrphanedEntries } from './tell-orphaned-entries.ts'
import { tellOrphanedNotifications } from './tell-orphaned-notifications.ts'

export type LoadOptions = {
  readonly folder: string
  readonly config: ProjectConfig
  readonly endpoints: EndpointChoice
}

export type LoadedProject = {
  readonly project: Project
  /** Messages that are held, and why. */
  readonly held: readonly { readonly key: string; readonly reason: string }[]
}

/** Reads a project's files and makes the running program go by them. May be called again after a change. */
export async function loadProject(house: House, options: LoadOptions): Promise<LoadedProject> {
  const { config, folder, endpoints } = options
  const project = await readProject(folder)
  const choice = withConfigured(endpoints, config, house.receiverUrl)
  const messages = project.outboundMessages.map((message) => {
    const routed = route(message, choice)
    return {
      ...routed,
      schedule: scheduleOf(config.delivery, outboundMessageKey(message)),
      pace: paceOf(config.delivery, routed.endpointUrl),
    }
  })
  const before = house.org.definitions()
  await house.stores.org.replaceDefinitions(
    'project',
    definitionsOf({ project, messages, settings: config.org }),
  )
  await house.definitionsChanged()
  await tellOrphanedEntries(house.org, house.stores.timeQueue, before)
  await tellOrphanedNotifications(house.org, house.stores.outbox, before)
  await keepNamedRecords(house.org, {
    queues: project.queues,
    groups: project.groups,
    roles: project.roles,
    userId: firstUserId(),
  })
  await keepMembers(house.org, { queues: project.queues, userId: firstUserId() })
  await writeProjectJobs(house, config)
  return {
    project,
    held: messages.flatMap((message) =>
      message.heldReason === null
        ? []
        : [{ key: outboundMessageKey(message), reason: message.heldReason }],
    ),
  }
}

/** What the command line names goes before what `obm.config.json` names. `{receiver}` is this program's own. */
function withConfigured(
  endpoints: EndpointChoice,
  config: ProjectConfig,
  receiverUrl: string | null,
): EndpointChoice {
  if (endpoints.all !== null) return endpoints
  const configured = [...config.endpoints].map(
    ([key, url]) => [key.toLowerCase(), url.replace('{receiver}', receiverUrl ?? '')] as const,
  )
  return { ...endpoints, named: new Map([...configured, ...endpoints.named]) }
}

function route(
  message: OutboundMessage,
  endpoints: EndpointChoice,
): Omit<SendableMessage, 'schedule' | 'pace'> {
  const { url, heldReason } = endpointOf(endpoints, {
    key: outboundMessageKey(message),
    endpointUrl: message.endpointUrl,
  })
  return { ...message, endpointUrl: url, heldReason }
}

type NewDefinition = Omit<StoredDefinition, 'id' | 'source'>

function definitionsOf({
  project,
  messages,
  settings,
}: {
  project: Project
  messages: readonly SendableMessage[]
  settings: OrgSettings
}): readonly NewDefinition[] {
  return [
    { kind: 'settings', key: 'org', body: settings },
    ...project.objects.map((body) => ({ kind: 'object' as const, key: body.name, body })),
    ...keyed(project.fieldUpdates).map((each) => ({ kind: 'fieldUpdate' as const, ...each })),
    ...keyed(project.tasks).map((each) => ({ kind: 'task' as const, ...each })),
    ...keyed(project.alerts).map((each) => ({ kind: 'alert' as const, ...each })),
    ...project.emailTemplates.map((body) => ({
      kind: 'emailTemplate' as const,
      key: body.key,
      body,
    })),
    ...keyed(messages).map((each) => ({ kind: 'outboundMessage' as const, ...each })),
    ...keyed(project.rules).map((each) => ({ kind: 'rule' as const, ...each })),
    ...keyed(project.validationRules).map((each) => ({ kind: 'validationRule' as const, ...each })),
    ...once(project.flows.map((body) => ({ kind: 'flow' as const, key: body.fullName, body }))),
    ...once(
      project.permissionSets.map(({ name, label, customPermissions }) => ({
        kind: 'permissionSet' as const,
        key: name,
        body: { name, label, customPermissions },
      })),
    ),
    { kind: 'labels', key: 'labels', body: labelsOf(project) },
    ...once(
      project.profiles.map((each) => ({
        kind: 'profile' as const,
        key: each.name,
        body: profileOf(each),
      })),
    ),
  ]
}

/** Rules and actions under the names that are unique on their object. */
function keyed<Body extends { readonly objectName: string; readonly fullName: string }>(
  bodies: readonly Body[],
): readonly { readonly key: string; readonly body: Body }[] {
  return once(bodies.map((body) => ({ key: `${body.objectName}.${body.fullName}`, body })))
}

/** A name that two files define is reported when the files are read; the first one counts. */
function once<D extends { readonly key: string }>(definitions: readonly D[]): readonly D[] {
  const byKey = new Map<string, D>()
  for (const each of definitions) if (!byKey.has(each.key)) byKey.set(each.key, each)
  return [...byKey.values()]
}

/** Of labels with one name the first counts. */
function labelsOf({ labels }: Project): CustomLabels {
  const byName = new Map<string, { readonly name: string; readonly text: string }>()
  for (const { name, text } of labels) {
    if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), { name, text })
  }
  return { labels: [...byName.values()] }
}

function profileOf(profile: ProfileDefinition): Profile {
  const namesWhere = (is: (each: ProfileDefinition['fieldPermissions'][number]) => boolean) =>
    profile.fieldPermissions.filter(is).map((each) => each.field)
  return {
    name: profile.name,
    unreadable: namesWhere((each) => !each.readable),
    readOnly: namesWhere((each) => each.readable && !each.editable),
    unreadableObjects: profile.unreadableObjects,
    userPermissions: profile.userPermissions,
    customPermissions: profile.customPermissions,
    recordTypes: {
      defaults: recordTypesWhere(profile, (each) => each.isDefault),
      hidden: recordTypesWhere(profile, (each) => !each.isVisible),
    },
  }
}

function recordTypesWhere(
  { recordTypes }: ProfileDefinition,
  is: (each: ProfileDefinition['recordTypes'][number]) => boolean,
): readonly string[] {
  return recordTypes.filter(is).map(({ recordType }) => recordType)
}
