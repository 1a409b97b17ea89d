import { readFile as readBytes, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { decodeXml } from '../base/encoding/xml-decoder.ts'
import { XmlError } from '../base/xml.ts'
import { buildObjects, fieldPlaces } from './build-objects.ts'
import { checkAlerts } from './checks/check-alerts.ts'
import { checkFieldUpdates } from './checks/check-field-updates.ts'
import { checkOutboundMessages } from './checks/check-outbound-messages.ts'
import { checkRules } from './checks/check-rules.ts'
import type { Contribution } from './files/contribution.ts'
import { joinTemplates } from './files/email/join-templates.ts'
import { readFile } from './files/read-file.ts'
import { type FoundFile, findFiles } from './find-files.ts'
import { mergeProfiles } from './merge-profiles.ts'
import { type Report, startReport } from './problem.ts'
import type { Project } from './project.ts'
import { firstOnes } from './unique-definitions.ts'

/** Files open at the same time. */
const OPEN_FILES_MAX = 32
/** Bytes of one file; Salesforce takes 39 MB for a whole deploy. */
const FILE_MAX_BYTES = 40 * 1024 * 1024

/**
 * Reads the SFDX or Metadata API project in `folder` into definitions. Whatever its files hold, it ends
 * with a project: what cannot be used is left out and told in `problems`. Only a missing folder is
 * refused, with a `ProjectFolderError`.
 */
export async function readProject(folder: string): Promise<Project> {
  const root = resolve(folder)
  const { report, problems } = startReport()
  const files = await findFiles(root, report)
  const contributions = await readAll(root, files, report)
  const definitions = gather(contributions, report)
  const objects = buildObjects({ ...definitions, report })
  const project: Project = {
    folder: root,
    fileCount: files.length,
    objects,
    fieldPlaces: fieldPlaces(definitions.parts),
    rules: definitions.rules,
    fieldUpdates: definitions.fieldUpdates,
    outboundMessages: definitions.outboundMessages,
    tasks: definitions.tasks,
    validationRules: definitions.validationRules,
    alerts: definitions.alerts,
    emailTemplates: definitions.emailTemplates,
    keptActions: definitions.keptActions,
    profiles: definitions.profiles,
    permissionSets: definitions.permissionSets,
    roles: definitions.roles,
    labels: definitions.labels,
    queues: definitions.queues,
    flows: definitions.flows,
    groups: definitions.groups,
    flowCount: files.filter(({ kind }) => kind === 'flow').length,
    problems,
  }
  checkRules(project, report)
  checkFieldUpdates(project, report)
  checkOutboundMessages(project, report)
  checkAlerts(project, report)
  problems.sort((one, other) => compare(one.file, other.file) || one.line - other.line)
  return project
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}

/** The contributions in the order of the files, however the reading goes. */
async function readAll(
  root: string,
  files: readonly FoundFile[],
  report: Report,
): Promise<readonly Contribution[]> {
  const contributions: Contribution[] = files.map(() => ({}))
  const pending = files.entries()
  const takeTurns = async () => {
    for (const [index, found] of pending) {
      contributions[index] = await readOne(resolve(root, found.file), found, report)
    }
  }
  await Promise.all(Array.from({ length: OPEN_FILES_MAX }, takeTurns))
  return contributions
}

async function readOne(path: string, found: FoundFile, report: Report): Promise<Contribution> {
  const source = { file: found.file, report }
  const text = await readText(path, found.file, report)
  return text === null ? {} : readFile(source, found, text)
}

async function readText(path: string, file: string, report: Report): Promise<string | null> {
  const place = { file, line: 1 }
  try {
    const { size } = await stat(path)
    if (size > FILE_MAX_BYTES) {
      const message = `${size} bytes are more than the ${FILE_MAX_BYTES} that are read: it is left out`
      report(place, 'FILE_TOO_LARGE', message)
      return null
    }
    return decodeXml(await readBytes(path))
  } catch (error) {
    if (error instanceof XmlError) report(place, error.errorCode, error.message)
    else report(place, 'FILE_UNREADABLE', `the file cannot be read: ${String(error)}`)
    return null
  }
}

function gather(contributions: readonly Contribution[], report: Report) {
  const all = <Kind extends keyof Contribution>(kind: Kind) =>
    contributions.flatMap((each): NonNullable<Contribution[Kind]>[number][] => [
      ...(each[kind] ?? []),
    ])
  const first = firstOnes(report)
  return {
    parts: all('objects'),
    rules: first(all('rules'), 'rule'),
    fieldUpdates: first(all('fieldUpdates'), 'field update'),
    outboundMessages: first(all('outboundMessages'), 'outbound message'),
    tasks: first(all('tasks'), 'task'),
    validationRules: first(all('validationRules'), 'validation rule'),
    flows: first(all('flows'), 'flow'),
    alerts: first(all('alerts'), 'e-mail alert'),
    emailTemplates: joinTemplates(all('emailTemplates'), all('emailBodies'), report),
    keptActions: all('keptActions'),
    profiles: mergeProfiles(all('profiles')),
    permissionSets: all('permissionSets'),
    roles: all('roles'),
    labels: all('labels'),
    queues: all('queues'),
    groups: all('groups'),
    valueSets: all('valueSets'),
  }
}
