import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { XmlError } from '../../../base/xml.ts'
import { ApiError } from '../../api-error.ts'
import { breakage } from '../../error-answer.ts'
import { baseUrlOf } from '../base-url.ts'
import { orgRefusal } from '../org-refusal.ts'
import type { SalesforcePorts } from '../salesforce-ports.ts'
import { describeGlobal, describeSObjects } from './describe-calls.ts'
import { query, queryAll, queryMore, retrieve } from './query-calls.ts'
import { peekSessionId, readSoapRequest, soapText } from './read-soap.ts'
import { create, deleteRecords, update, upsert } from './save-calls.ts'
import { getServerTimestamp, getUserInfo, login, logout } from './session-calls.ts'
import { type SoapCall, type SoapOperation, soapUser } from './soap-call.ts'
import { type SoapApi, type SoapFault, writeEnvelope, writeSalesforceFault } from './write-soap.ts'

const OPERATIONS: ReadonlyMap<string, SoapOperation> = new Map([
  ['login', login],
  ['logout', logout],
  ['getUserInfo', getUserInfo],
  ['getServerTimestamp', getServerTimestamp],
  ['query', query],
  ['queryAll', queryAll],
  ['queryMore', queryMore],
  ['retrieve', retrieve],
  ['create', create],
  ['update', update],
  ['upsert', upsert],
  ['delete', deleteRecords],
  ['describeSObject', describeSObjects],
  ['describeSObjects', describeSObjects],
  ['describeGlobal', describeGlobal],
])

/** jsforce reads an answer only when it says it is `text/xml`. */
const CONTENT_TYPE = 'text/xml; charset=utf-8'

/** Characters that are read for somebody who is not signed in: a login needs a few hundred. */
const UNSIGNED_LENGTH_MAX = 100_000

/** `POST /services/Soap/{u,c}/{version}[/{organization id}]`. */
export function addSoapRoutes(app: FastifyInstance, ports: SalesforcePorts): void {
  for (const path of ['/services/Soap/:api/:version', '/services/Soap/:api/:version/*']) {
    app.route({
      method: 'POST',
      url: path,
      handler: (request, reply) => answerSoap(ports, request, reply),
      // A body too large or broken is refused before the route is asked: as a fault here, too.
      errorHandler: (error, request, reply) =>
        sendFault(reply, apiOf(request), faultOf(ports, error, request)),
    })
  }
}

async function answerSoap(ports: SalesforcePorts, request: FastifyRequest, reply: FastifyReply) {
  ports.usage.count()
  const { api, version } = pathOf(request)
  if (api !== 'u' && api !== 'c') throw noSuchApi(api)
  await checkPlace(ports, request)
  const text = soapText(request.body)
  if (text.length > UNSIGNED_LENGTH_MAX) await soapUser(ports, { sessionId: peekSessionId(text) })
  const baseUrl = baseUrlOf(request, ports.publicUrl)
  const call: SoapCall = { ...readSoapRequest(text), api, version, baseUrl }
  const operation = OPERATIONS.get(call.call.local)
  if (!operation) throw unknownMethod(call)
  const results = await operation(ports, call)
  return reply.type(CONTENT_TYPE).send(writeEnvelope(api, call.call.local, results))
}

/** The version must be one; an organization in the URL must be this. */
async function checkPlace({ org }: SalesforcePorts, request: FastifyRequest): Promise<void> {
  const { version, organizationId } = pathOf(request)
  if (!/^\d{1,3}\.0$/.test(version)) {
    throw new ApiError(
      500,
      'UNSUPPORTED_API_VERSION',
      `${JSON.stringify(version)} is no API version: expected one like 64.0`,
    )
  }
  if (!/^00D/.test(organizationId)) return
  const own = (await org.facts()).organizationId
  if (organizationId.slice(0, 15) === own.slice(0, 15)) return
  throw new ApiError(
    500,
    'UNKNOWN_EXCEPTION',
    'Destination URL not reset. The URL returned from login must be set',
  )
}

type SoapPath = { readonly api: string; readonly version: string; readonly organizationId: string }

function pathOf(request: FastifyRequest): SoapPath {
  const parts = request.params as Readonly<Record<string, string>>
  return {
    api: (parts.api ?? '').toLowerCase(),
    version: parts.version ?? '',
    organizationId: (parts['*'] ?? '').split('/', 1)[0] ?? '',
  }
}

function apiOf(request: FastifyRequest): SoapApi {
  return pathOf(request).api === 'c' ? 'c' : 'u'
}

function faultOf(ports: SalesforcePorts, error: unknown, request: FastifyRequest): SoapFault {
  if (error instanceof XmlError) {
    const message = `the request is no XML that is read here: ${error.message}`
    return { errorCode: 'INVALID_SOAP', message, row: null, column: null }
  }
  return orgRefusal(error) ?? { ...codeAndMessage(breakage(ports.log, error, request)) }
}

function codeAndMessage({ errorCode, message }: ApiError): SoapFault {
  return { errorCode, message, row: null, column: null }
}

function sendFault(reply: FastifyReply, api: SoapApi, fault: SoapFault): void {
  reply.code(500).type(CONTENT_TYPE).send(writeSalesforceFault(api, fault))
}

function noSuchApi(api: string): ApiError {
  return new ApiError(
    500,
    'API_CURRENTLY_DISABLED',
    `/services/Soap/${api} is not available here: use u (Partner) or c (Enterprise), or REST`,
  )
}

function unknownMethod({ call }: SoapCall): ApiError {
  return new ApiError(500, 'UNKNOWN_METHOD', `No operation available for request ${call.local}`)
}
