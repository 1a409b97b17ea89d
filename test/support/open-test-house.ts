import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { followProject, type ProjectFollower } from '../../src/cli/dev/follow-project.ts'
import { ROLES, type Role } from '../../src/config/config.ts'
import { readProjectConfig } from '../../src/config/project-config.ts'
import { type ReceiverConfig, SHARED_RECEIVER } from '../../src/config/receiver-config.ts'
import { type House, openHouse } from '../../src/house/open-house.ts'
import { makeDataCloudUser } from '../../src/house/project/datacloud-user.ts'
import { TRAP, type Transport } from '../../src/mail/transport.ts'
import { firstUserId, foundOrg } from '../../src/org/founding/found-org.ts'
import { ADMIN } from './accounts-project.ts'
import { afterTest } from './after-test.ts'
import { quickHash } from './quick-password.ts'
import { openTestLog } from './receiving.ts'
import { openRestClient, type RestClient } from './rest-client.ts'
import type { OpenedStores, StoreUnderTest } from './stores.ts'
import { type TestClock, testClock } from './test-clock.ts'

export const DATACLOUD_PASSWORD = 'opensesame of DataCloud'

/** As the program would make it, but for what its password's hash costs. */
const INTEGRATION = {
  userId: 'datacloud-1',
  isActive: true,
  role: 'Admin',
  permissions: [],
} as const

/** The whole program in this process, as `obm dev` puts it together, with the clock in the test's hand. */
export type TestHouse = {
  readonly house: House
  readonly stores: OpenedStores
  readonly url: string
  /** A session token of the administrator. */
  readonly token: string
  readonly client: RestClient
  readonly clock: TestClock
  readonly log: ReturnType<typeof openTestLog>
  readonly follower: ProjectFollower
  /** Lines of one event, in order. */
  logged(event: string): ReturnType<typeof openTestLog>['lines']
}

/** Opens a house on a project's folder; it is stopped when the test ends. */
export async function openTestHouse(
  t: TestContext,
  ask: {
    readonly store: StoreUnderTest
    readonly folder: string
    readonly roles?: readonly Role[]
    /** As `--endpoint URL`. */
    readonly endpoint?: string
    /** Files of certificates that TLS trusts, as `OBM_EXTRA_CA`. */
    readonly trusted?: readonly string[]
    /** Without `/dev/clock`, as `obm serve` is. */
    readonly devClock?: false
    /** What carries e-mails; the trap unless it is given. */
    readonly mailTransport?: Transport | null
    /** How the receiving endpoint faces the world; it shares the port of the rest unless this says otherwise. */
    readonly receiver?: Partial<ReceiverConfig>
    /** Reads the project again when its files change. */
    readonly watch?: boolean
  },
): Promise<TestHouse> {
  const { folder } = ask
  const stores = await ask.store.open(t)
  const config = readProjectConfig(folder)
  const [clock, log] = [testClock(), openTestLog()]
  await stores.org.writePasswordHash(firstUserId(), quickHash(ADMIN.password))
  const { userId } = await foundOrg(
    { store: stores.org, clock },
    { firstUser: ADMIN, settings: config.org },
  )
  const house = await openHouse({
    stores,
    clock,
    devClock: ask.devClock ?? true,
    log,
    roles: ask.roles ?? ROLES,
    host: '127.0.0.1',
    port: 0,
    isPortGiven: false,
    receiver: { ...SHARED_RECEIVER, ...ask.receiver },
    publicUrl: null,
    egressAllow: ['loopback'],
    tlsFiles: { trusted: ask.trusted ?? [], ...config.delivery.certificates },
    jobPolicy: { kind: 'any' },
    mailTransport: ask.mailTransport === undefined ? TRAP : ask.mailTransport,
    projectFolder: folder,
    deliveryTimeouts: config.delivery.timeouts,
    traces: config.traces,
    retention: config.retention,
    lateAfterMs: config.lateAfterMs,
    metricsToken: null,
    signatureKey: 'signature key',
  })
  afterTest(t, () => house.stop())
  const endpoints = { named: new Map<string, string>(), all: ask.endpoint ?? null }
  const follower = await followProject({ house, folder, endpoints, watch: ask.watch ?? false })
  afterTest(t, () => follower.close())
  const dataCloud = config.dataCloudUser && {
    username: config.dataCloudUser.username,
    password: DATACLOUD_PASSWORD,
  }
  if (dataCloud) {
    const { username, password } = dataCloud
    await stores.jobs.writeUser({ ...INTEGRATION, username, passwordHash: quickHash(password) })
  }
  await makeDataCloudUser(house, config, dataCloud)
  const { token } = await house.org.sessions.start(userId)
  const url = house.url ?? ''
  return {
    house,
    stores,
    url,
    token,
    client: openRestClient(url, token),
    clock,
    log,
    follower,
    logged: (event) => log.lines.filter((line) => line.event === event),
  }
}

/** The folder of an example that comes with the program. */
export function exampleFolder(name: string): string {
  return join(import.meta.dirname, '../../examples', name)
}
