import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { RecordId } from '../../schema/record-id.ts'
import type { BodyReader } from '../request-body.ts'
import type { ApiUsage } from './api-usage.ts'
import type { OrgApi } from './org-api.ts'
import type { QueryLocators } from './query-locators.ts'

/** What the org's HTTP surface works with. */
export type SalesforcePorts = {
  readonly org: OrgApi
  readonly clock: Clock
  readonly log: Log
  readonly bodies: BodyReader
  readonly locators: QueryLocators
  readonly usage: ApiUsage
  /** What the world calls this server, without a slash at the end; null: what each request says. */
  readonly publicUrl: string | null
  /** The newest API version that SOAP login() is answered for; null: all. */
  readonly soapLoginVersionMax: number | null
  /** Signs token answers for clients without a secret of their own. */
  readonly signatureKey: string
  /** The WSDL of an outbound message, or null when there is none of that id. */
  outboundMessageWsdl(outboundMessageId: RecordId): Promise<string | null>
}

/** SOAP login() is gone from API 65.0 on at Salesforce (help article 005132110). */
export const SOAP_LOGIN_VERSION_MAX = 64
