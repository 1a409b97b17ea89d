import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openStores } from '../../src/store/open-store.ts'
import { accountsProject } from '../support/accounts-project.ts'
import { type Endpoint, type EndpointReply, openEndpoint } from '../support/endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { lapseLeases } from '../support/lapse-leases.ts'
import type { RestClient } from '../support/rest-client.ts'
import { type Program, startServe } from '../support/start-program.ts'
import { storesUnderTest } from '../support/stores.ts'

// Real processes, real signals, no seed: `npm run test:kill` does it for two minutes.

const SECONDS = Number(process.env['OBM_TEST_KILL_SECONDS'] ?? 10)
/** Long enough for leases to lapse by themselves. */
const IS_LONG = SECONDS >= 60
const BEYOND_LEASE_MS = 40_000
/** Where a start takes long, the time alone would see nobody killed. */
const KILLS_MIN = 4
const SENDERS = 3
const MESSAGES = ['Tell_One', 'Tell_Two', 'Tell_Three']
const ACCOUNTS_IN_ONE_SAVE = 10
/** Saves wait while so many notifications are still to come: the load is what the senders bear. */
const OUTSTANDING_MAX = 1500

const [, postgres] = storesUnderTest()

test('PostgreSQL: three senders killed at random deliver every committed notification at least once', async (t) => {
  const storeUrl = (await postgres?.url(t)) ?? assert.fail()
  const endpoints = await Promise.all(MESSAGES.map(() => openEndpoint(t, [acknowledgeSoon])))
  const messages = MESSAGES.map((name, index) => ({
    name,
    endpointUrl: endpoints[index]?.url ?? assert.fail(),
  }))
  const folder = await accountsProject(t, { messages })
  const org = await startServe(t, [folder, '--roles', 'org'], { storeUrl })
  const startSender = () => startServe(t, ['--roles', 'sender'], { storeUrl })
  const senders = await Promise.all(Array.from({ length: SENDERS }, startSender))

  const end = Date.now() + SECONDS * 1000
  const saved: string[] = []
  const ended = { killed: 0, stopped: 0 }
  const isOver = () => Date.now() >= end && ended.killed >= KILLS_MIN
  await Promise.all([
    endAtRandom(senders, { ended, isOver, startSender }),
    saveUntil(isOver, org.client, { saved, endpoints }),
  ])
  // What the dead held is free in 90 seconds; a short run does not wait for that.
  if (!IS_LONG) await lapseLeases(storeUrl)
  await eventually(
    'all that was saved has arrived everywhere',
    () => endpoints.every((endpoint) => missing(saved, endpoint) === 0),
    130_000,
  )

  const stores = await openStores(storeUrl, { secretKey: Buffer.alloc(32, 7) })
  t.after(() => stores.close())
  await eventually('the outbox is empty', async () => {
    return (await stores.outbox.list({ limit: 1 })).length === 0
  })
  assert.ok(saved.length > 0 && ended.killed > 0, 'something was saved, and somebody killed')
  tell(t, { saved, endpoints, ended })
})

/** Acknowledges after a while, so that a kill finds messages on their way. */
async function acknowledgeSoon(): Promise<EndpointReply> {
  await wait(Math.random() * 60)
  return 'Ack true'
}

type Ended = { killed: number; stopped: number }

/** Kills or stops one sender after the other; in the end there are as many as in the beginning. */
async function endAtRandom(
  senders: Program[],
  {
    ended,
    isOver,
    startSender,
  }: { ended: Ended; isOver: () => boolean; startSender: () => Promise<Program> },
): Promise<void> {
  while (!isOver()) {
    await wait(300 + Math.random() * 1500)
    const place = Math.floor(Math.random() * senders.length)
    const sender = senders[place] ?? assert.fail()
    if (Math.random() < 0.3) {
      ended.stopped += 1
      sender.signal('SIGSTOP')
      // Once beyond its lease: then it settles what is another's.
      await wait(IS_LONG && ended.stopped === 1 ? BEYOND_LEASE_MS : 1500)
      sender.signal('SIGCONT')
    } else {
      ended.killed += 1
      await sender.kill('SIGKILL')
      senders[place] = await startSender()
    }
  }
}

async function saveUntil(
  isOver: () => boolean,
  client: RestClient,
  { saved, endpoints }: { saved: string[]; endpoints: readonly Endpoint[] },
): Promise<void> {
  while (!isOver()) {
    const outstanding = endpoints.reduce((sum, each) => sum + missing(saved, each), 0)
    if (outstanding > OUTSTANDING_MAX) {
      await wait(50)
      continue
    }
    const names = Array.from({ length: ACCOUNTS_IN_ONE_SAVE }, (_, index) => `Account ${index}`)
    saved.push(...(await client.createAccounts(names)))
  }
}

const arrivedAt = new WeakMap<Endpoint, { read: number; recordIds: Set<string | null> }>()

/** How many of the saved records the endpoint has not seen yet. */
function missing(saved: readonly string[], endpoint: Endpoint): number {
  const arrived = arrivedAt.get(endpoint) ?? { read: 0, recordIds: new Set() }
  arrivedAt.set(endpoint, arrived)
  for (const { recordIds } of endpoint.received.slice(arrived.read)) {
    for (const id of recordIds) arrived.recordIds.add(id)
  }
  arrived.read = endpoint.received.length
  return saved.filter((id) => !arrived.recordIds.has(id)).length
}

function tell(
  t: TestContext,
  {
    saved,
    endpoints,
    ended,
  }: { saved: readonly string[]; endpoints: readonly Endpoint[]; ended: Ended },
): void {
  const ids = endpoints.flatMap(({ received }) =>
    received.flatMap(({ notificationIds }) => notificationIds),
  )
  const distinct = new Set(ids).size
  // Each rule that fires makes one notification: a second one would be a second debt.
  assert.equal(distinct, saved.length * endpoints.length)
  const share = ((100 * (ids.length - distinct)) / distinct).toFixed(2)
  t.diagnostic(
    `${SECONDS} s, ${ended.killed} kills, ${ended.stopped} standstills: ${distinct} notifications, ` +
      `${ids.length - distinct} copies more (${share} %)`,
  )
}
