import { resolve } from 'node:path'
import { systemClock } from '../base/clock.ts'
import {
  ConfigError,
  derivedKey,
  readEnvironment,
  readRoles,
  readSecretKey,
} from '../config/config.ts'
import { type ProjectConfig, readProjectConfig } from '../config/project-config.ts'
import { readReceiver } from '../config/receiver-config.ts'
import { openHouse } from '../house/open-house.ts'
import { openJsonLog } from '../house/open-log.ts'
import { checkUsers } from '../house/project/check-users.ts'
import { type DataCloudCredentials, makeDataCloudUser } from '../house/project/datacloud-user.ts'
import { loadProject } from '../house/project/load-project.ts'
import { openSmtp } from '../mail/open-smtp.ts'
import { readProject } from '../metadata/read-project.ts'
import { foundOrg } from '../org/founding/found-org.ts'
import { openStores } from '../store/open-store.ts'
import { tellProblems } from './checking/tell-problems.ts'
import { refuseUnsendable } from './refuse-unsendable.ts'
import { untilStopped } from './until-stopped.ts'

export type ServeOptions = {
  readonly roles?: string
  readonly port?: number
  readonly host?: string
  readonly store?: string
}

const PASSWORD_LENGTH_MIN = 12

/** `obm serve`: the given roles on a store that may be shared, until it is told to stop. */
export async function serve(folder: string | undefined, options: ServeOptions): Promise<void> {
  const environment = readEnvironment(process.env)
  const receiver = readReceiver(process.env)
  const log = openJsonLog(environment.logLevel)
  const roles = options.roles ? readRoles('--roles', options.roles) : environment.roles
  const store = options.store ?? environment.store
  if (store === null) {
    throw new ConfigError('OBM_STORE: expected sqlite:PATH or postgres://…, found nothing')
  }
  if (environment.secretKeyFile === null) {
    throw new ConfigError('OBM_SECRET_KEY_FILE: expected the file of the secret key, found nothing')
  }
  const secretKey = readSecretKey(environment.secretKeyFile)
  const config = readProjectConfig(resolve(folder ?? '.'))
  const { egressAllow } = environment
  if (folder !== undefined) {
    refuseUnsendable(await readProject(resolve(folder)), { ...config, egressAllow })
  }
  const stores = await openStores(store, { secretKey })
  const clock = systemClock()
  const firstUser = await firstUserOf(stores.org.readSetting('organizationId'))
  await foundOrg({ store: stores.org, clock }, { firstUser, settings: config.org })
  const house = await openHouse({
    stores,
    clock,
    devClock: false,
    log,
    roles,
    host: options.host ?? environment.host,
    port: options.port ?? environment.port,
    isPortGiven: options.port !== undefined || environment.isPortGiven,
    receiver,
    publicUrl: environment.publicUrl,
    egressAllow,
    tlsFiles: { trusted: environment.extraCa, ...config.delivery.certificates },
    mailTransport: environment.smtpServer ? await openSmtp(environment.smtpServer) : null,
    jobPolicy: { kind: 'listed', ...config.jobs },
    projectFolder: resolve(folder ?? '.'),
    deliveryTimeouts: config.delivery.timeouts,
    traces: config.traces,
    retention: config.retention,
    lateAfterMs: config.lateAfterMs,
    metricsToken: environment.metricsToken,
    signatureKey: derivedKey(secretKey, 'oauth signature'),
  })
  if (folder !== undefined) {
    const endpoints = { named: new Map(), all: null, holdForeign: false }
    const { project } = await loadProject(house, { folder: resolve(folder), config, endpoints })
    tellProblems(log, project, config.org)
    for (const { severity: _, ...problem } of await checkUsers(
      house.org,
      project.outboundMessages,
    )) {
      log.warn('project.problem', problem)
    }
    await makeDataCloudUser(house, config, dataCloudPassword(config))
  }
  log.info('house.started', { roles: roles.join(','), url: house.url })
  await untilStopped()
  log.info('house.stopping')
  await house.stop()
}

/** The first start makes the DataCloud user of `obm.config.json`, with the password that the operator gives. */
function dataCloudPassword({ dataCloudUser }: ProjectConfig): DataCloudCredentials | null {
  const password = process.env.OBM_DATACLOUD_PASSWORD
  if (!dataCloudUser || !password) return null
  if (password.length >= PASSWORD_LENGTH_MIN) return { username: dataCloudUser.username, password }
  throw new ConfigError(
    `OBM_DATACLOUD_PASSWORD: expected at least ${PASSWORD_LENGTH_MIN} characters, found ${password.length}`,
  )
}

/** Who may sign in first, on a store without an org: no default password exists. */
async function firstUserOf(
  founded: Promise<string | null>,
): Promise<{ username: string; password: string }> {
  const { OBM_ADMIN_USERNAME: username, OBM_ADMIN_PASSWORD: password } = process.env
  if ((await founded) !== null) return { username: username ?? '', password: password ?? '' }
  if (username && password && password.length >= PASSWORD_LENGTH_MIN) return { username, password }
  throw new ConfigError(
    `the store is empty: expected OBM_ADMIN_USERNAME and OBM_ADMIN_PASSWORD (at least ${PASSWORD_LENGTH_MIN} characters) for its first administrator`,
  )
}
