import { errorText } from '../../base/log.ts'
import type { House } from '../../house/open-house.ts'
import { type LoadedProject, loadProject } from '../../house/project/load-project.ts'
import { watchProject } from '../../metadata/watch-project.ts'
import { createStandInUsers } from '../../org/founding/create-stand-in-users.ts'
import { firstUserId } from '../../org/founding/found-org.ts'
import { readProjectConfig } from '../../project-config.ts'
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
}: {
  house: House
  folder: string
  endpoints: EndpointOptions
}): Promise<readonly string[]> {
  const config = readProjectConfig(folder)
  const loaded = await loadProject(house, {
    folder,
    config,
    endpoints: { ...endpoints, holdForeign: true },
  })
  const standIns = await createStandInUsers(house.org, usernamesOf(loaded), firstUserId())
  return remarksOf(loaded, standIns)
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

function remarksOf({ project, held }: LoadedProject, standIns: readonly string[]): string[] {
  const remarks = [
    ...standIns.map((name) => `${name} is not in this org: a System Administrator stands in`),
    ...held.map(({ key, reason }) => `${key} is held: ${reason}`),
    ...project.problems
      .filter(({ severity }) => severity !== 'info')
      .map(({ file, line, code, message }) => `${file}:${line} ${code} ${message}`),
  ]
  if (remarks.length <= REMARKS_MAX) return remarks
  const more = remarks.length - REMARKS_MAX
  return [...remarks.slice(0, REMARKS_MAX), `and ${more} more: obm check lists them all`]
}
