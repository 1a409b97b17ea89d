import type { FastifyPluginAsync } from 'fastify'
import { type Health, missedSince } from '../health/judge-health.ts'
import type { Org } from '../org/open-org.ts'
import type { TraceStore } from '../org/trace/trace-store.ts'
import { trySave } from '../org/trace/try-save.ts'
import { dataCloudRoutes } from '../web/datacloud/datacloud-routes.ts'
import { type ClockInHand, clockRoutes } from '../web/dev/clock-routes.ts'
import { mailRoutes } from '../web/dev/mail-routes.ts'
import type { FrontPageFacts } from '../web/front-page.ts'
import { openBodyReader } from '../web/request-body.ts'
import { openApiUsage } from '../web/salesforce/api-usage.ts'
import { openOrgApi } from '../web/salesforce/open-org-api.ts'
import { openQueryLocators } from '../web/salesforce/query-locators.ts'
import { SOAP_LOGIN_VERSION_MAX } from '../web/salesforce/salesforce-ports.ts'
import { salesforceRoutes } from '../web/salesforce/salesforce-routes.ts'
import type { ServerOptions } from '../web/server.ts'
import { setupRoutes } from '../web/setup/setup-routes.ts'
import type { HouseOptions } from './house-options.ts'
import { writeMessageWsdl } from './message-wsdl.ts'

type Rooms = {
  readonly org: Org
  readonly nudge: () => void
  readonly traces: TraceStore
  /** Edits that this process left untraced. */
  readonly skippedTraces: () => number
  readonly health: () => Promise<Health>
  /** Why nothing can be sent as a user now; null when it can. */
  readonly whyNotAs: (username: string) => Promise<string | null>
  /** For `/dev/clock`; null where it is not. */
  readonly clockInHand: ClockInHand | null
  /** Where the servers answer, once they do. */
  readonly urls: () => { readonly main: string | null; readonly receiver: string | null }
}

/** The routes of the roles, with what the server itself shows. */
export function routesOf(
  options: HouseOptions,
  rooms: Rooms,
): Pick<ServerOptions, 'routes' | 'frontPage'> {
  const { roles, stores, clock, log } = options
  const orgApi = openOrgApi(rooms.org)
  const bodies = openBodyReader()
  const routes: FastifyPluginAsync[] = []
  if (roles.includes('org')) {
    routes.push(
      salesforceRoutes({
        org: orgApi,
        clock,
        log,
        bodies,
        locators: openQueryLocators(clock),
        usage: openApiUsage(clock),
        publicUrl: options.publicUrl,
        soapLoginVersionMax: SOAP_LOGIN_VERSION_MAX,
        signatureKey: options.signatureKey,
        outboundMessageWsdl: (id) => writeMessageWsdl({ org: rooms.org, clock }, id),
      }),
    )
  }
  if (roles.includes('org') || roles.includes('console')) {
    routes.push(
      setupRoutes({
        org: orgApi,
        organizationId: rooms.org.organizationId,
        records: stores.org,
        outbox: stores.outbox,
        jobs: stores.jobs,
        mail: stores.mail,
        timeQueue: stores.timeQueue,
        traces: rooms.traces,
        clock,
        log,
        bodies,
        definitions: () => rooms.org.refresh(),
        trySave: (ask) => trySave(rooms.org, ask),
        skippedTraces: rooms.skippedTraces,
        health: rooms.health,
        senderMissed: async () => missedSince(await stores.health.processes(), 'sender'),
        whyNotAs: rooms.whyNotAs,
        nudgeSender: rooms.nudge,
        nudgeRunner: rooms.nudge,
        nudgeMailer: rooms.nudge,
        nudgeTimeQueue: rooms.nudge,
      }),
    )
  }
  if (roles.includes('receiver') || roles.includes('jobs')) {
    const { jobPolicy } = options
    const nudgeRunner = rooms.nudge
    routes.push(dataCloudRoutes({ store: stores.jobs, clock, log, jobPolicy, nudgeRunner }))
  }
  if (rooms.clockInHand !== null) {
    routes.push(clockRoutes({ org: orgApi, clock: rooms.clockInHand, bodies, log }))
    const isTrap = options.mailTransport?.isTrap ?? false
    routes.push(mailRoutes({ org: orgApi, mail: stores.mail, isTrap, log }))
  }
  return {
    routes,
    frontPage: () => frontPageFacts(options, rooms),
  }
}

async function frontPageFacts(
  { roles, stores, publicUrl, devClock }: HouseOptions,
  { org, urls }: Rooms,
): Promise<FrontPageFacts> {
  const main = publicUrl ?? urls().main
  const receiver = roles.includes('receiver') ? (urls().receiver ?? main) : null
  const configs = await stores.jobs.listConfigs()
  return {
    organizationName: org.definitions().settings.name,
    organizationId: org.organizationId,
    roles,
    orgUrl: roles.includes('org') ? main : null,
    receiverUrl: receiver === null ? null : `${receiver}/v2/api/jobconfigs/{id}/sfdc/obm`,
    jobConfigs: configs.map(({ jobConfigId, name, isActive }) => ({
      jobConfigId,
      name,
      isActive,
      url: `${receiver ?? ''}/v2/api/jobconfigs/${encodeURIComponent(jobConfigId)}/sfdc/obm`,
    })),
    links: [
      { label: 'Is the process alive', url: '/healthz' },
      { label: 'Does the store answer', url: '/readyz' },
      { label: 'How things go, on this machine', url: '/health' },
      { label: 'API versions of the org', url: '/services/data' },
      ...(devClock ? [{ label: 'E-mails', url: '/dev/mail' }] : []),
    ],
  }
}
