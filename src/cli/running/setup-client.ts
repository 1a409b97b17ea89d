import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../../config/config.ts'

/** How a command finds the running program. */
export type ClientOptions = {
  readonly url?: string
  readonly token?: string
  readonly dataDir: string
  readonly project: string
  readonly json: boolean
}

/** Asks `/setup/api` of the running program. A refusal is thrown with what the program said. */
export type SetupClient = {
  get(path: string): Promise<Record<string, unknown>>
  post(path: string, body: object): Promise<Record<string, unknown>>
}

/** The running program refused; `errorCode` is its own. */
export class SetupRefusal extends Error {
  override readonly name = 'SetupRefusal'
  readonly errorCode: string

  constructor(errorCode: string, message: string) {
    super(message)
    this.errorCode = errorCode
  }
}

/** Opens the way to the program: `--url` and `--token`, `OBM_URL` and `OBM_TOKEN`, or what `obm dev` left in its data folder. */
export function openSetupClient(options: ClientOptions): SetupClient {
  const left = readLeft(resolve(options.project, options.dataDir))
  const url = options.url ?? process.env.OBM_URL ?? left?.url
  const token = options.token ?? process.env.OBM_TOKEN ?? left?.accessToken
  if (!url || !token) {
    throw new ConfigError(
      'no running program found: start obm dev in this project, or give --url and --token (OBM_URL, OBM_TOKEN)',
    )
  }
  const ask = async (path: string, init: RequestInit) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const reply = await fetch(`${url}/setup/api${path}`, { ...init, headers }).catch(() => {
      throw new ConfigError(`no answer from ${url}: is the program running?`)
    })
    const answer = (await reply.json()) as Record<string, unknown>
    if (!reply.ok) throw new SetupRefusal(String(answer.errorCode), String(answer.message))
    return answer
  }
  return {
    get: (path) => ask(path, {}),
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
  }
}

function readLeft(dataFolder: string): { url: string; accessToken: string } | null {
  const file = join(dataFolder, 'running.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}
