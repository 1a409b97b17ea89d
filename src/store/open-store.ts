import { maskUrl } from '../base/secrets/mask-url.ts'
import type { HealthStore } from '../health/health-store.ts'
import type { InboxStore } from '../inbox/inbox-store.ts'
import type { JobStore } from '../jobs/job-store.ts'
import type { MailStore } from '../mail/mail-store.ts'
import type { OrgStore } from '../org/org-store.ts'
import type { TimeQueueStore } from '../org/time-queue/time-queue-store.ts'
import type { TraceStore } from '../org/trace/trace-store.ts'
import type { OutboxStore } from '../outbox/outbox-store.ts'
import { openCipher } from './cipher.ts'
import { openLanes, sealDefinitions, sealLanes } from './sealed-endpoints.ts'
import { sealJobs } from './sealed-jobs.ts'
import { openHealthStore } from './sql/health/health.ts'
import { openReceivingStore } from './sql/jobs/open-receiving-store.ts'
import { openMailStore } from './sql/mail/mail-store.ts'
import type { OpRunner } from './sql/op.ts'
import { openOrgStore } from './sql/org/org-store.ts'
import { openOutboxStore } from './sql/outbox/outbox-store.ts'
import { openTimeQueueStore } from './sql/time/time-queue-store.ts'
import { openTraceStore } from './sql/trace/traces.ts'
import { StoreError } from './store-error.ts'

/** Both wings' stores over one database. */
export type Stores = {
  readonly org: OrgStore
  readonly outbox: OutboxStore
  readonly inbox: InboxStore
  readonly jobs: JobStore
  readonly timeQueue: TimeQueueStore
  readonly traces: TraceStore
  readonly mail: MailStore
  readonly health: HealthStore
  close(): Promise<void>
}

/**
 * Opens `sqlite:PATH` or `postgres://…`, bringing its tables to the present schema. `secretKey` (32 bytes)
 * seals the fields that hold secrets, endpoint URLs that do, and what http jobs send and sign with. Each driver is
 * loaded only when it is asked for.
 */
export async function openStores(
  url: string,
  { secretKey }: { secretKey: Uint8Array },
): Promise<Stores> {
  const runner = await openRunner(url)
  const cipher = openCipher(secretKey)
  const receiving = openReceivingStore(runner)
  return {
    org: sealDefinitions(openOrgStore(runner, cipher), cipher),
    outbox: sealLanes(openOutboxStore(runner), cipher),
    timeQueue: openTimeQueueStore(runner),
    inbox: receiving.inbox,
    jobs: sealJobs(receiving.jobs, cipher),
    traces: openTraceStore(runner),
    mail: openMailStore(runner),
    health: openLanes(openHealthStore(runner), cipher),
    close: runner.close,
  }
}

async function openRunner(url: string): Promise<OpRunner & { close(): Promise<void> }> {
  if (url.startsWith('sqlite:')) {
    const { openSqlite } = await import('./sqlite/open-sqlite.ts')
    return openSqlite(url.slice('sqlite:'.length))
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgres } = await import('./postgres/open-postgres.ts')
    return openPostgres(url)
  }
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `${maskUrl(url)} is no store: expected sqlite:PATH or postgres://…`,
  )
}
