import { errorText } from '../../base/log.ts'
import { readProjectConfig } from '../../config/project-config.ts'
import type { House } from '../../house/open-house.ts'
import { checkUsers } from '../../house/project/check-users.ts'
import { type LoadedProject, loadProject } from '../../house/project/load-project.ts'
import { checkProject } from '../../metadata/check-project.ts'
import type { ProjectProblem } from '../../metadata/project.ts'
import { watchProject } from '../../metadata/watch-project.ts'
import { createStandInUsers } from '../../org/founding/create-stand-in-users.ts'
import { firstUserId } from '../../org/founding/found-org.ts'
import { keepMembers } from '../../org/founding/keep-members.ts'
import { projectCompiler } from '../checking/compile-project.ts'
import type { EndpointOptions } from './endpoint-option.ts'

export type ProjectFollower = {
  /** What a person should know about the project as it is now. */
  remarks(): readonly string[]
  close(): Promise<void>
}

const REMARKS_MAX = 20

/** Loads the project and, when its files change, loads it again. */
export async function followProject(ask: {
  house: House
  folder: string
  endpoints: EndpointOptions
  watch: boolean
  /** E-mails go nowhere: people whom alerts name may be stood in for. */
  trapsMail?: boolean
}): Promise<ProjectFollower> {
  const { house, folder } = ask
  const { log } = house.org
  let remarks = await load(ask)
  let last: Promise<void> = Promise.resolve()

  const reload = async () => {
    const startedAt = performance.now()
    remarks = await load(ask)
    const took = `${Math.round(performance.now() - startedAt)} ms`
    log.warn('project.reloaded', { took })
    for (const remark of remarks) log.warn('project.remark', { remark })
  }
  const watcher = ask.watch
    ? watchProject(folder, () => {
        last = last.then(reload).catch((error: unknown) => {
          log.error('project.not_reloaded', { reason: errorText(error) })
        })
      })
    : null
  return {
    remarks: () => remarks,
    close: async () => {
      await watcher?.close()
      await last
    },
  }
}

async function load({
  house,
  folder,
  endpoints,
  trapsMail = false,
}: {
  house: House
  folder: string
  endpoints: EndpointOptions
  trapsMail?: boolean
}): Promise<readonly string[]> {
  const config = readProjectConfig(folder)
  const loaded = await loadProject(house, {
    folder,
    config,
    endpoints: { ...endpoints, holdForeign: true },
  })
  const wanted = [...usernamesOf(loaded), ...(trapsMail ? receiversOf(loaded) : [])]
  const standIns = await createStandInUsers(house.org, new Set(wanted), firstUserId())
  if (standIns.length > 0) {
    await house.definitionsChanged() // what waited for them goes
    await keepMembers(house.org, { queues: loaded.project.queues, userId: firstUserId() })
  }
  const { problems: inFiles } = checkProject(loaded.project, projectCompiler(config.org))
  const problems = [...inFiles, ...(await checkUsers(house.org, loaded.project.outboundMessages))]
  return remarksOf(loaded, standIns, problems)
}

function usernamesOf({ project }: LoadedProject): ReadonlySet<string> {
  const names = project.outboundMessages.map((message) => message.integrationUser)
  for (const update of project.fieldUpdates) {
    if (update.lookupValueType === 'User' && update.lookupValue) names.push(update.lookupValue)
  }
  for (const { assignedToType, assignedTo } of project.tasks) {
    if (assignedToType === 'user' && assignedTo) names.push(assignedTo)
  }
  return new Set(names.filter((name) => name !== ''))
}

/** Who would get e-mails. Only where none leaves the program: a stand-in's address may be somebody's real one. */
function receiversOf({ project }: LoadedProject): readonly string[] {
  const recipients = project.alerts.flatMap((alert) => alert.recipients)
  const named = recipients.filter(({ type }) => type === 'user').map(({ recipient }) => recipient)
  const members = project.queues.flatMap((queue) => queue.members)
  const inQueues = members.filter(({ kind }) => kind === 'user').map(({ name }) => name)
  return [...named, ...inQueues].filter((name) => name !== null)
}

function remarksOf(
  { held }: LoadedProject,
  standIns: readonly string[],
  problems: readonly ProjectProblem[],
): string[] {
  const remarks = [
    ...standIns.map((name) => `${name} is not in this org: a System Administrator stands in`),
    ...held.map(({ key, reason }) => `${key} is held: ${reason}`),
    ...problems
      .filter(({ severity }) => severity !== 'info')
      .map(({ file, line, code, message }) => `${file}:${line} ${code} ${message}`),
  ]
  if (remarks.length <= REMARKS_MAX) return remarks
  const more = remarks.length - REMARKS_MAX
  return [...remarks.slice(0, REMARKS_MAX), `and ${more} more: obm check lists them all`]
}
