import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { errorText } from '../../base/log.ts'
import { makeFolder } from '../../base/make-folder.ts'
import {
  ConfigError,
  derivedKey,
  ownSecretKey,
  ROLES,
  readEnvironment,
} from '../../config/config.ts'
import { readProjectConfig } from '../../config/project-config.ts'
import { SHARED_RECEIVER } from '../../config/receiver-config.ts'
import { type House, openHouse } from '../../house/open-house.ts'
import { openTellingLog } from '../../house/open-log.ts'
import { makeDataCloudUser } from '../../house/project/datacloud-user.ts'
import { openSmtp } from '../../mail/open-smtp.ts'
import { TRAP } from '../../mail/transport.ts'
import { firstUserId, foundOrg } from '../../org/founding/found-org.ts'
import { openStores } from '../../store/open-store.ts'
import { untilStopped } from '../until-stopped.ts'
import { dropData } from './drop-data.ts'
import { parseEndpoints } from './endpoint-option.ts'
import { type Credentials, loadFirstData, ownCredentials, writePrivate } from './first-start.ts'
import { followProject } from './follow-project.ts'
import { printReady, type ReadyFacts } from './print-ready.ts'
import { stepLine } from './step-lines.ts'

/** What the command line says. */
export type DevOptions = {
  readonly port?: number
  readonly host?: string
  readonly dataDir: string
  readonly store?: string
  readonly endpoint: readonly string[]
  readonly watch: boolean
  readonly reset: boolean
  readonly json: boolean
}

/** `obm dev`: every role in one process on a project's folder, until it is interrupted. */
export async function dev(folder: string, options: DevOptions): Promise<void> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ConfigError(`${folder} is no folder: obm dev takes the folder of an SFDX project`)
  }
  const { house, ready, follower, config } = await startDev(resolve(folder), options)
  printReady(ready, options.json)
  await loadFirstData(house, resolve(folder), config)
  await untilStopped()
  await follower.close()
  await house.stop()
}

async function startDev(folder: string, options: DevOptions) {
  const config = readProjectConfig(folder)
  const environment = readEnvironment(process.env)
  const dataFolder = resolve(folder, options.dataDir)
  const store = options.store ?? environment.store ?? `sqlite:${join(dataFolder, 'obm.db')}`
  if (options.reset) await dropData(dataFolder, store)
  makeDataFolder(dataFolder)
  const secretKey = ownSecretKey(join(dataFolder, 'secret.key'))
  const credentials = ownCredentials(dataFolder, config)

  const stores = await openStores(store, { secretKey })
  const clock = systemClock()
  await foundOrg({ store: stores.org, clock }, { firstUser: credentials, settings: config.org })
  const house = await openHouse({
    stores,
    clock,
    devClock: true,
    log: stepLog(options.json),
    roles: ROLES,
    host: options.host ?? environment.host,
    port: options.port ?? environment.port,
    isPortGiven: true,
    receiver: SHARED_RECEIVER,
    publicUrl: environment.publicUrl,
    egressAllow: ['loopback', ...environment.egressAllow],
    tlsFiles: { trusted: environment.extraCa, ...config.delivery.certificates },
    mailTransport: environment.smtpServer ? await openSmtp(environment.smtpServer) : TRAP,
    jobPolicy: { kind: 'any' },
    projectFolder: folder,
    deliveryTimeouts: config.delivery.timeouts,
    traces: config.traces,
    retention: config.retention,
    lateAfterMs: config.lateAfterMs,
    metricsToken: environment.metricsToken,
    signatureKey: derivedKey(secretKey, 'oauth signature'),
  })
  const endpoints = parseEndpoints(options.endpoint)
  const follower = await followProject({
    house,
    folder,
    endpoints,
    watch: options.watch,
    trapsMail: environment.smtpServer === null,
  })
  await makeDataCloudUser(house, config, credentials.dataCloud)
  const ready = await readyFacts(house, credentials, environment.smtpServer === null)
  writePrivate(join(dataFolder, 'running.json'), { url: ready.url, accessToken: ready.accessToken })
  return { house, config, ready: { ...ready, remarks: follower.remarks() }, follower }
}

function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder)
  } catch (error) {
    throw new ConfigError(`--data-dir: cannot make the folder ${folder}: ${errorText(error)}`)
  }
}

async function readyFacts(
  house: House,
  credentials: Credentials,
  trapsMail: boolean,
): Promise<Omit<ReadyFacts, 'remarks'>> {
  const { token } = await house.org.sessions.start(firstUserId())
  const configs = await house.stores.jobs.listConfigs()
  return {
    url: house.url ?? '',
    username: credentials.username,
    password: credentials.password,
    accessToken: token,
    organizationId: house.org.organizationId,
    receiverUrls: configs.map(
      ({ jobConfigId }) => `${house.receiverUrl}/v2/api/jobconfigs/${jobConfigId}/sfdc/obm`,
    ),
    mailUrl: trapsMail ? `${house.url}/dev/mail` : null,
    dataCloud: credentials.dataCloud,
  }
}

/** Steps of a record's way for people; warnings and errors whatever they are. */
function stepLog(json: boolean) {
  return openTellingLog((level, event, fields) => {
    if (level === 'debug' && event !== 'message.posted') return
    if (json) {
      console.error(JSON.stringify({ event, ...fields }))
      return
    }
    const step = stepLine(event, fields)
    const time = new Date().toTimeString().slice(0, 8)
    if (step !== null) console.log(`${time}  ${step}`)
    else if (level !== 'info') console.log(`${time}  ${level}: ${event} ${JSON.stringify(fields)}`)
  })
}
