import { ApiError } from '../../api-error.ts'
import type { SessionUser } from '../org-api.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { type SoapCall, soapUser } from './soap-call.ts'
import { childText } from './soap-element.ts'
import { writeUserInfo } from './user-info.ts'
import { writeText } from './write-soap.ts'

/** `login`: username, and password with the security token behind it. */
export async function login(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const { org, soapLoginVersionMax } = ports
  if (soapLoginVersionMax !== null && Number(call.version) > soapLoginVersionMax) {
    throw new ApiError(
      500,
      'UNSUPPORTED_API_VERSION',
      `SOAP API login() is not available in API version ${call.version}: use OAuth, or version ${soapLoginVersionMax}.0`,
    )
  }
  const username = childText(call.call, 'username') ?? ''
  const password = childText(call.call, 'password') ?? ''
  const session = await org.login(username, password)
  const user = await org.sessionUser(session.token)
  if (!user) throw new Error("the session that was just opened is nobody's")
  return writeLogin(ports, call, { token: session.token, user })
}

async function writeLogin(
  { org }: SalesforcePorts,
  { api, baseUrl, version }: SoapCall,
  { token, user }: { token: string; user: SessionUser },
): Promise<string> {
  const facts = await org.facts()
  const urlOf = (soapApi: string) =>
    `${baseUrl}/services/Soap/${soapApi}/${version}/${facts.organizationId.slice(0, 15)}`
  const userInfo = writeUserInfo(Number(version), { org: facts, user })
  return (
    '<result>' +
    writeText('metadataServerUrl', urlOf('m')) +
    writeText('passwordExpired', false) +
    writeText('sandbox', false) +
    writeText('serverUrl', urlOf(api)) +
    writeText('sessionId', token) +
    writeText('userId', user.userId) +
    `<userInfo>${userInfo}</userInfo></result>`
  )
}

/** `logout` ends the session of the header. */
export async function logout(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  await soapUser(ports, call)
  if (call.sessionId !== null) await ports.org.logout(call.sessionId)
  return ''
}

export async function getUserInfo(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  const user = await soapUser(ports, call)
  const org = await ports.org.facts()
  return `<result>${writeUserInfo(Number(call.version), { org, user })}</result>`
}

export async function getServerTimestamp(ports: SalesforcePorts, call: SoapCall): Promise<string> {
  await soapUser(ports, call)
  const timestamp = new Date(ports.clock.now()).toISOString()
  return `<result>${writeText('timestamp', timestamp)}</result>`
}
