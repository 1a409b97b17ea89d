import type { TestContext } from 'node:test'
import Fastify from 'fastify'
import type { JobPolicy } from '../../src/jobs/kinds/job-policy.ts'
import { openRunner } from '../../src/jobs/runner.ts'
import type { DataCloudUser, Permission, Right } from '../../src/jobs/users/datacloud-user.ts'
import type { DataCloudPorts } from '../../src/web/datacloud/datacloud-ports.ts'
import { dataCloudRoutes } from '../../src/web/datacloud/datacloud-routes.ts'
import { afterTest } from './after-test.ts'
import { quickHash } from './quick-password.ts'
import { jobConfig, openReceivingStoreAt, openTestClock, openTestLog } from './receiving.ts'
import { openTestRunJob } from './run-jobs.ts'

const passwordHash = quickHash('secret')

export type Json = Record<string, unknown>

export type Call = {
  /** Whose token is sent; null: nobody's. */
  readonly as?: string | null
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A permission for job configs, for all of them unless some are named. */
export function permission(allowed: readonly Right[], resourceIds: readonly string[] = ['*']) {
  return { allowed, resourceIds } satisfies Permission
}

/** A General User with the password "secret" and no right at all; change what the test is about. */
export function dataCloudUser(
  username: string,
  change: Partial<DataCloudUser> = {},
): DataCloudUser {
  return {
    userId: `id-of-${username}`,
    username,
    passwordHash,
    isActive: true,
    role: 'General User',
    permissions: [],
    ...change,
  }
}

/**
 * DataCloud's API over the store at `url`, with the job config `accounts` and the users admin, olga (who may
 * execute it), vic (who may nothing) and gone (who is inactive).
 */
export async function openDataCloudApi(
  t: TestContext,
  url: string,
  ask: { readonly jobPolicy?: JobPolicy; readonly pause?: DataCloudPorts['pause'] } = {},
) {
  const { jobs } = await openReceivingStoreAt(t, url)
  const [clock, log] = [openTestClock(), openTestLog()]
  await jobs.writeUser(dataCloudUser('admin', { role: 'Admin' }))
  await jobs.writeUser(
    dataCloudUser('olga', { permissions: [permission(['execute'], ['accounts'])] }),
  )
  await jobs.writeUser(dataCloudUser('vic'))
  await jobs.writeUser(dataCloudUser('gone', { isActive: false }))
  await jobs.writeConfig(jobConfig())
  const app = Fastify()
  /** Every route that the API answers, `METHOD /path` as in openapi.json. */
  const answered: string[] = []
  app.addHook('onRoute', ({ method, url: path }) => {
    const name = `${method} ${path.slice('/v2/api'.length).replaceAll(/:(\w+)/g, '{$1}')}`
    if (method !== 'HEAD') answered.push(name)
  })
  const { jobPolicy = { kind: 'any' }, pause } = ask
  const ports: DataCloudPorts = {
    store: jobs,
    clock,
    log,
    jobPolicy,
    nudgeRunner: () => {},
    ...(pause && { pause }),
  }
  await app.register(dataCloudRoutes(ports))
  afterTest(t, () => app.close())

  const tokens = new Map<string, string>()
  const login = async (username: string, password = 'secret') => {
    const response = await app.inject({
      method: 'POST',
      url: '/v2/api/login',
      payload: { username, password },
    })
    return { status: response.statusCode, body: response.json<Json>(), headers: response.headers }
  }
  const call = async (target: string, { as = 'admin', body, headers }: Call = {}) => {
    if (as !== null && !tokens.has(as)) {
      tokens.set(as, String((await login(as)).body.access_token))
    }
    const [method = '', path = ''] = target.split(' ')
    const response = await app.inject({
      method: method as 'GET',
      url: `/v2/api${path}`,
      headers: { ...(as !== null && { authorization: `Bearer ${tokens.get(as)}` }), ...headers },
      ...(body !== undefined && { payload: body as string }),
    })
    const isJson = response.headers['content-type']?.toString().includes('json') ?? false
    const json: Json = isJson && response.body !== '' ? response.json() : {}
    return { status: response.statusCode, json, text: response.body, headers: response.headers }
  }
  const codeOf = async (target: string, asked?: Call) => {
    const { status, json } = await call(target, asked)
    return [status, json.code]
  }
  const runJob = openTestRunJob()
  const runner = openRunner({ store: jobs, runJob, clock, log })
  return { jobs, clock, log, login, call, codeOf, runner, answered, app }
}

/** The ids of what a page holds. */
export function idsOf({ items }: Json): readonly unknown[] {
  return Array.isArray(items) ? items.map((item: Json) => item.id) : []
}
