import { createServer, type IncomingMessage } from 'node:http'
import type { TestContext } from 'node:test'
import { listening } from './receiving.ts'

export const ORGANIZATION_ID = '00D5e000000Abc1EAC'
export const USER_ID = '0055e000001AbCdAAK'
export const PROFILE_ID = '00e5e000001AbCdAAK'
export const SESSION_ID = '00D5e000000Abc1!AQ.right'

/** A row of the custom setting; `owner` is a user, a profile or the organisation. */
type SettingRow = { readonly owner: string; readonly username?: string; readonly password?: string }

/**
 * An org that answers the two SOAP calls of the recipe, as real ones do, and remembers who asked.
 */
export type FakeOrg = {
  /** The envelope's PartnerUrl. */
  readonly partnerUrl: string
  readonly host: string
  /** Every call in order: the operation and the session id. */
  readonly calls: readonly { readonly operation: string; readonly sessionId: string }[]
  rows: readonly SettingRow[]
  /** A Salesforce fault code that every call gets; null: none. */
  fault: string | null
  /** An HTTP status without SOAP that every call gets. */
  brokenStatus: number | null
  /** Resolves before a call is answered. */
  hold: Promise<void>
}

export async function openFakeOrg(t: TestContext): Promise<FakeOrg> {
  const calls: { operation: string; sessionId: string }[] = []
  const server = createServer(async (request, response) => {
    const body = await textOf(request)
    const sessionId = /<u:sessionId>(.*?)<\/u:sessionId>/.exec(body)?.[1] ?? ''
    const operation = /<u:(getUserInfo|queryString)/.exec(body)?.[1] ?? 'none'
    calls.push({ operation, sessionId })
    await org.hold
    const answer = answerOf(org, { operation, sessionId, body })
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body)
  })
  const url = await listening(t, server)
  const org: FakeOrg = {
    partnerUrl: `${url}/services/Soap/u/60.0/${ORGANIZATION_ID.slice(0, 15)}`,
    host: url.slice('http://'.length),
    calls,
    rows: [{ owner: ORGANIZATION_ID, username: 'integration', password: 'opensesame' }],
    fault: null,
    brokenStatus: null,
    hold: Promise.resolve(),
  }
  return org
}

function answerOf(
  org: FakeOrg,
  call: { readonly operation: string; readonly sessionId: string; readonly body: string },
): { readonly status: number; readonly body: string } {
  if (org.brokenStatus !== null) return { status: org.brokenStatus, body: '<html>sorry</html>' }
  if (org.fault !== null) return { status: 500, body: fault(org.fault) }
  if (call.sessionId !== SESSION_ID) return { status: 500, body: fault('INVALID_SESSION_ID') }
  if (call.operation === 'getUserInfo') {
    const info = `<organizationId>${ORGANIZATION_ID}</organizationId><profileId>${PROFILE_ID}</profileId><userId>${USER_ID}</userId><userName>a@example.com</userName>`
    return {
      status: 200,
      body: soap(`<getUserInfoResponse><result>${info}</result></getUserInfoResponse>`),
    }
  }
  const asked = org.rows.filter(({ owner }) => call.body.includes(owner))
  const records = asked.map(record).join('')
  const result = `<done>true</done><queryLocator xsi:nil="true"/>${records}<size>${asked.length}</size>`
  return { status: 200, body: soap(`<queryResponse><result>${result}</result></queryResponse>`) }
}

function record({ owner, username, password }: SettingRow): string {
  const field = (name: string, value: string | undefined) =>
    value === undefined ? `<sf:${name} xsi:nil="true"/>` : `<sf:${name}>${value}</sf:${name}>`
  return `<records xsi:type="sf:sObject"><sf:type>DataCloud_User_Credential__c</sf:type><sf:Id>a005e000001AbCdAAK</sf:Id><sf:SetupOwnerId>${owner}</sf:SetupOwnerId>${field('Username__c', username)}${field('Password__c', password)}</records>`
}

function fault(code: string): string {
  return soap(
    `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: told so</faultstring></soapenv:Fault>`,
  )
}

function soap(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:sobject.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
