import { ConfigError } from '../../config/config.ts'
import { askFirst } from './ask-first.ts'
import { printTable } from './print-table.ts'
import { type ClientOptions, openSetupClient, type SetupClient } from './setup-client.ts'

type Json = Readonly<Record<string, unknown>>

/** What narrows job runs down. */
type Narrowed = {
  readonly config?: string
  readonly status?: string
  readonly dead?: boolean
  readonly record?: string
  readonly since?: string
  readonly until?: string
}

type Acting = ClientOptions & Narrowed & { readonly all: boolean; readonly yes: boolean }

/** `obm runs list`: job runs, newest first. */
export async function runsList(
  options: ClientOptions & Narrowed & { readonly limit: string },
): Promise<number> {
  const query = new URLSearchParams({ ...filterOf(options), limit: options.limit })
  const answer = await openSetupClient(options).get(`/runs?${query}`)
  if (options.json) {
    console.log(JSON.stringify(answer))
    return 0
  }
  const runs = answer.runs as readonly Json[]
  printTable(runs.map(rowOf), TITLES, 'There is no job run like that.')
  const total = Number(answer.total)
  if (total > runs.length) console.log(`The newest ${runs.length} of ${total}: --limit shows more.`)
  return 0
}

const TITLES = [
  'Run',
  'Job config',
  'Record',
  'Status',
  'Attempts',
  'Queued',
  'Finished',
  'Code',
  'Note',
] as const

function rowOf(run: Json): Readonly<Record<(typeof TITLES)[number], unknown>> {
  const notes = [run.failureReason, run.staleBehind && `stale behind ${run.staleBehind}`]
  return {
    Run: run.runId,
    'Job config': run.jobConfigId,
    Record: String(run.recordKey ?? '')
      .split('/')
      .at(-1),
    Status: run.status,
    Attempts: run.attemptCount,
    Queued: run.queuedAt,
    Finished: run.finishedAt,
    Code: run.returnCode,
    Note: notes.filter(Boolean).join('; '),
  }
}

/** `obm runs show ID`: one run with its DJMessage and its log. */
export async function runsShow(id: string, options: ClientOptions): Promise<number> {
  const answer = await openSetupClient(options).get(`/runs/${encodeURIComponent(id)}`)
  console.log(JSON.stringify(answer, null, options.json ? 0 : 2))
  return 0
}

/** `obm runs replay ID… | --dead --since 2h | …`: new runs of the messages of old ones. */
export async function runsReplay(ids: readonly string[], options: Acting): Promise<number> {
  const client = openSetupClient(options)
  if (ids.length > 0) {
    refuseBoth('replay', options)
    const replays: Json[] = []
    for (const id of ids)
      replays.push(await client.post(`/runs/${encodeURIComponent(id)}/replay`, {}))
    for (const { runId, replayOf, status } of replays) {
      if (!options.json) console.log(`${replayOf} runs again as ${runId}: ${status}`)
    }
    if (options.json) console.log(JSON.stringify({ runs: replays }))
    return 0
  }
  let body = bodyOf('replay', options)
  const asked = { ...filterOf(options), status: filterOf(options).status ?? 'dead' }
  if (!(await isWanted(client, 'Replay', asked, options))) return 1
  const total = { count: 0, replayedBefore: 0, gone: 0 }
  await untilDone(async () => {
    const answer = await client.post('/runs/replay', body)
    total.count += Number(answer.count)
    total.gone = Number(answer.gone)
    total.replayedBefore = Number(answer.replayedBefore) - (total.count - Number(answer.count))
    body = { ...filterOf(options), until: answer.until }
    return answer.isMore === true
  })
  if (options.json) console.log(JSON.stringify(total))
  else {
    console.log(
      [
        `${total.count} run again`,
        total.replayedBefore > 0 && `${total.replayedBefore} passed over, replayed before`,
        total.gone > 0 && `${total.gone} passed over, as their job configs are gone`,
      ]
        .filter(Boolean)
        .join('; '),
    )
  }
  return 0
}

/** `obm runs stop ID… | --config … | …`: ends runs, those that have not begun and those that run. */
export async function runsStop(ids: readonly string[], options: Acting): Promise<number> {
  const client = openSetupClient(options)
  if (ids.length > 0) refuseBoth('stop', options)
  const body = ids.length > 0 ? { runIds: ids } : bodyOf('stop', options)
  if (ids.length === 0) {
    const status = filterOf(options).status ?? 'WAITING,SEQUENCED,QUEUED,INITIALIZING,RUNNING'
    if (!(await isWanted(client, 'Stop', { ...filterOf(options), status }, options))) return 1
  }
  const counts = new Map<string, number>()
  let gone = 0
  await untilDone(async () => {
    const answer = await client.post('/runs/stop', body)
    for (const [status, count] of Object.entries(answer.statuses as Record<string, number>)) {
      counts.set(status, (counts.get(status) ?? 0) + count)
    }
    gone += Number(answer.gone)
    return answer.isMore === true
  })
  if (options.json) console.log(JSON.stringify({ statuses: Object.fromEntries(counts), gone }))
  else {
    const told = [...counts].map(([status, count]) => `${count} now ${status}`)
    if (gone > 0) told.push(`${gone} not found`)
    console.log(told.length > 0 ? told.join('; ') : 'There is no job run like that.')
  }
  return gone > 0 ? 1 : 0
}

async function untilDone(again: () => Promise<boolean>): Promise<void> {
  while (await again());
}

async function isWanted(
  client: SetupClient,
  act: string,
  filter: Readonly<Record<string, string>>,
  { yes }: Acting,
): Promise<boolean> {
  const query = new URLSearchParams({ ...filter, limit: '1' })
  const { total } = await client.get(`/runs?${query}`)
  if (await askFirst(`${act} up to ${total} runs?`, yes)) return true
  console.error('Nothing was done.')
  return false
}

function refuseBoth(act: string, options: Acting): void {
  if (!options.all && Object.keys(filterOf(options)).length === 0) return
  throw new ConfigError(`runs ${act}: ids, and what narrows runs down, do not go together`)
}

function bodyOf(act: string, options: Acting): Json {
  const filter = filterOf(options)
  const isNarrowed = Object.keys(filter).length > 0
  if (options.all && isNarrowed) {
    throw new ConfigError(`runs ${act}: --all means every one, and takes nothing that narrows it`)
  }
  if (!options.all && !isNarrowed) {
    throw new ConfigError(
      `runs ${act}: expected ids, --config, --status, --dead, --record, --since, --until or --all`,
    )
  }
  return options.all ? { all: true } : filter
}

function filterOf({ config, status, dead, record, since, until }: Narrowed) {
  if (dead && status !== undefined) {
    throw new ConfigError('runs: --dead and --status do not go together')
  }
  const statuses = dead ? 'dead' : status
  return {
    ...(config !== undefined && { jobConfigId: config }),
    ...(statuses !== undefined && { status: statuses }),
    ...(record !== undefined && { recordId: record }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  } as Readonly<Record<string, string>>
}
